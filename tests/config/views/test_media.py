"""Of the media folder only avatars and headers have an address; the rest must never leak through
it.
"""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

PICTURE = b"RIFF....WEBP"


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    for name in (
        "avatars/a.webp",
        "headers/h.png",
        "voice/v.webp",
        "avatars/page.html",
        "secret.webp",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PICTURE)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content_type"), [("avatars/a.webp", "image/webp"), ("headers/h.png", "image/png")]
)
def test_it_shows_avatars_and_headers_to_everybody(
    client: Client, name: str, content_type: str
) -> None:
    answer = client.get(f"/media/{name}")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (
        200,
        PICTURE,
        content_type,
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "voice/v.webp",  # Another folder.
        "avatars/page.html",  # Not a picture.
        "avatars/none.webp",
        "secret.webp",  # No folder.
        "avatars/../secret.webp",
        "avatars/..%2Fsecret.webp",
        "avatars/%2e%2e%2fsecret.webp",
        "avatars/.webp",
        "avatars/",
    ],
)
@pytest.mark.django_db
def test_it_has_nothing_else(client: Client, path: str) -> None:
    assert client.get(f"/media/{path}").status_code in {400, 404}


def test_it_takes_no_uploads(client: Client) -> None:
    assert client.post("/media/avatars/a.webp").status_code == 405
