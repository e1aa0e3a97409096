"""The modes of files that nginx sends and this account writes."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from config.http.file_response import let_group_read


@pytest.fixture(autouse=True)
def _shut() -> Iterator[None]:
    before = os.umask(0o077)  # As the units have it.
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_lets_nginx_read_a_replay_and_nothing_beside_it(
    settings: object, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]  # pytest-django's.
    folder = tmp_path / "media" / "replays" / "a" / "1"
    folder.mkdir(parents=True)
    (folder / "replay.mp4").touch()
    (tmp_path / "media" / "replays" / "b").mkdir()
    let_group_read(folder)
    assert mode(folder / "replay.mp4") == 0o640
    for path in (folder, folder.parent, folder.parent.parent, tmp_path / "media"):
        assert mode(path) == 0o750
    assert mode(tmp_path / "media" / "replays" / "b") == 0o700
    assert mode(tmp_path) == 0o700


def test_it_lets_nginx_read_what_people_upload(tmp_path: Path) -> None:
    storage = FileSystemStorage(tmp_path / "media")
    name = storage.save("posts/picture.webp", ContentFile(b"x"))
    assert mode(tmp_path / "media" / name) == 0o640
    assert mode(tmp_path / "media" / "posts") == 0o750
