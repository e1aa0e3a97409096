import json
from pathlib import Path

import pytest

from config.supervisor.record import RunRecord, clean_after_crash


def record(data_dir: Path, runtime_dir: str = "") -> RunRecord:
    return RunRecord(
        "http://localhost:1", "unix:///x", "http://127.0.0.1:2/metrics", str(data_dir), runtime_dir
    )


def test_it_says_what_runs_where(tmp_path: Path) -> None:
    found = record(tmp_path)
    found.pids["web"] = 7
    found.save()
    saved = json.loads((tmp_path / "run.json").read_text())
    assert (saved["url"], saved["redis_url"], saved["pids"]) == (
        "http://localhost:1",
        "unix:///x",
        {"web": 7},
    )
    assert saved["ready"] is False


def test_it_leaves_nothing_behind(tmp_path: Path) -> None:
    runtime_dir = tmp_path / "parley-abc"
    runtime_dir.mkdir()
    found = record(tmp_path, str(runtime_dir))
    found.save()
    found.remove()
    found.remove()  # Twice does no harm.
    assert list(tmp_path.iterdir()) == []


def test_it_cleans_up_after_a_run_that_was_killed(tmp_path: Path) -> None:
    runtime_dir = tmp_path / "parley-abc"
    runtime_dir.mkdir()
    record(tmp_path, str(runtime_dir)).save()
    clean_after_crash(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"runtime_dir": 5}', '{"runtime_dir": null}']
)
def test_it_is_not_upset_by_a_damaged_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    clean_after_crash(tmp_path)


def test_it_never_removes_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    precious = tmp_path / "photos"
    precious.mkdir()
    record(tmp_path, str(precious)).save()
    clean_after_crash(tmp_path)
    assert precious.exists()
