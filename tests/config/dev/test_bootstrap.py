"""`make` on a machine where something is missing: one sentence, and what to type."""

import os
import runpy
import shutil
import sys
from pathlib import Path

import pytest

from config.dev.bootstrap import __main__ as bootstrap


@pytest.fixture(autouse=True)
def venv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / ".venv"
    monkeypatch.setattr(bootstrap, "VENV", str(folder))
    return folder


@pytest.fixture
def pip_calls(monkeypatch: pytest.MonkeyPatch, venv: Path) -> list[tuple[str, ...]]:
    """Stands for pip and for the environment: the real ones fetch 450 MB, which `.ci/run` does on
    every fresh clone.
    """
    calls: list[tuple[str, ...]] = []

    def pip(*arguments: str) -> int:
        calls.append(arguments)
        return 0

    venv.mkdir()
    monkeypatch.setattr(bootstrap, "pip", pip)
    monkeypatch.setattr(bootstrap, "works", lambda python: True)
    return calls


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    return text


def test_it_says_that_python_is_too_old(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (99, 0))
    monkeypatch.setattr(bootstrap, "NEWER", [])
    with pytest.raises(SystemExit):
        bootstrap.main([])
    assert "needs Python 3.11 or newer" in sentence(capsys)


def test_it_takes_a_newer_python_that_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    newer = tmp_path / "python3.99"
    newer.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\n')
    newer.chmod(0o755)
    monkeypatch.setattr(bootstrap, "OLDEST", (99, 0))
    monkeypatch.setattr(bootstrap, "NEWER", ["python3.99"])
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(sys, "argv", ["bootstrap", "dev"])
    assert bootstrap.main(["dev"]) == 0
    assert (tmp_path / "called").read_text() == f"{bootstrap.__file__} dev\n"


def test_it_names_the_package_with_venv(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # As on Debian without python3-venv.
    with pytest.raises(SystemExit):
        bootstrap.main([])
    assert "sudo apt-get install python3-venv" in sentence(capsys)


def test_it_makes_an_environment_that_works(venv: Path) -> None:
    bootstrap.make_environment()
    python = venv / "bin" / "python"
    assert bootstrap.works(str(python))
    moved = venv.rename(venv.with_name("moved")) / "bin" / "python"
    # It runs, but the first line of its pytest names the old place.
    assert not bootstrap.works(str(moved))
    assert not bootstrap.works(str(python))


def test_it_installs_once(pip_calls: list[tuple[str, ...]]) -> None:
    assert bootstrap.main([]) == bootstrap.main([]) == 0
    assert pip_calls == [("install", "-r", f"{bootstrap.ROOT}/requirements.txt")]


def test_it_installs_again_when_a_pin_changed(
    pip_calls: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.install("requirements.txt")
    read = bootstrap.read
    monkeypatch.setattr(
        bootstrap, "read", lambda path: read(path) + "changed" * path.endswith("requirements.txt")
    )
    bootstrap.install("requirements.txt")
    assert len(pip_calls) == 2


def test_it_takes_the_development_set_for_both(pip_calls: list[tuple[str, ...]]) -> None:
    bootstrap.install("requirements-dev.txt")
    bootstrap.install("requirements.txt")
    assert pip_calls == [("install", "-r", f"{bootstrap.ROOT}/requirements-dev.txt")]


def test_it_remembers_nothing_that_failed(
    pip_calls: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bootstrap, "pip", lambda *arguments: 1)
    with pytest.raises(SystemExit):
        bootstrap.install("requirements.txt")
    assert "Installing the requirements failed" in sentence(capsys)
    assert bootstrap.read(f"{bootstrap.VENV}/.installed-requirements.txt") == ""


def test_it_says_how_to_get_a_browser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit):
        bootstrap.require_browser()
    assert "sudo apt-get install chromium" in sentence(capsys)


def test_it_is_content_with_the_browser_that_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    bootstrap.require_browser()


def test_it_leaves_an_environment_alone_that_another_checkout_links_to(
    venv: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bootstrap.make_environment()
    (venv / "kept").touch()
    (tmp_path / "linked" / "config" / "dev").mkdir(parents=True)
    (tmp_path / "linked" / ".venv").symlink_to(venv)
    shutil.copytree(Path(bootstrap.__file__).parent, tmp_path / "linked/config/dev/bootstrap")
    linked = runpy.run_path(str(tmp_path / "linked/config/dev/bootstrap/__main__.py"))
    linked["make_environment"]()
    assert (venv / "kept").exists()


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Stands for npm; each call leaves a line in the file that is returned."""
    called = tmp_path / "called"
    called.touch()
    fake = tmp_path / "bin" / "npm"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$@" >> {called}\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    return called


def test_it_installs_what_checks_the_scripts_once(venv: Path, npm: Path) -> None:
    bootstrap.install_node_packages()
    bootstrap.install_node_packages()
    (call,) = npm.read_text().splitlines()
    assert call.endswith(" ".join(bootstrap.NODE_PACKAGES))
    assert f"--prefix {venv}/node" in call


def test_it_goes_on_without_npm(monkeypatch: pytest.MonkeyPatch, venv: Path) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    bootstrap.install_node_packages()
    assert not venv.exists()
