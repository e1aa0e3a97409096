"""What `manage.py run` does before it starts anything: it shuts its folder, and asks for the demo."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.env import ROOT


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that is in use: a run is refused right after it has its folder."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def refused(data_dir: Path, port: str, **settings: str) -> str:
    """Run the command with the mask of most accounts; return what it says."""
    environ = {name: value for name, value in os.environ.items() if name not in ("DEMO", "BIND")}
    environ |= {"DATA_DIR": str(data_dir), "PORT": port, "PARLEY_MODE": "development", **settings}
    run = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        umask=0o022,
    )
    assert run.returncode == 1
    return run.stderr


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("key", ["", "k" * 60], ids=["key made", "key given"])
def test_it_makes_data_dir_for_its_account_alone(tmp_path: Path, taken: str, key: str) -> None:
    folder = tmp_path / "var"
    assert taken in refused(folder, taken, SECRET_KEY=key)
    assert mode(folder) == 0o700
    assert {mode(path) & 0o077 for path in folder.rglob("*")} == {0}


def test_it_shuts_the_folder_of_an_earlier_release(tmp_path: Path, taken: str) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "run.lock").touch()
    refused(folder, taken)
    assert mode(folder) == 0o700


@pytest.mark.parametrize("given", [0o755, 0o1777], ids=["somebody's", "everybody's"])
def test_it_leaves_a_folder_that_it_did_not_make(tmp_path: Path, taken: str, given: int) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(given)
    refused(folder, taken)
    assert mode(folder) == given


@pytest.mark.parametrize(
    "settings",
    [
        {"BIND": "0.0.0.0"},
        {"BIND": "::"},
        {"BIND": "192.0.2.7"},
        {"ORIGINS": "https://parley.example"},
    ],
)
def test_it_refuses_to_open_a_demo_that_nobody_asked_for(
    tmp_path: Path, taken: str, settings: dict[str, str]
) -> None:
    said = refused(tmp_path / "var", taken, **settings)
    assert "Set DEMO=false, or DEMO=true if you mean it." in said
    assert not (tmp_path / "var" / "run.lock").exists()


@pytest.mark.parametrize("demo", ["true", "false"])
def test_it_opens_a_demo_that_was_asked_for(tmp_path: Path, taken: str, demo: str) -> None:
    assert "DEMO" not in refused(tmp_path / "var", taken, BIND="127.0.0.1", DEMO=demo)
    said = refused(tmp_path / "var", taken, ORIGINS="https://parley.example", DEMO=demo)
    assert f"PORT={taken}" in said or taken in said
