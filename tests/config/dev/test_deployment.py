"""That the tools of an operator are asked, and heard."""

import shutil
from pathlib import Path

import pytest

from config.dev import deployment
from config.env import ROOT


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of deploy/ to break."""
    copy = tmp_path / "deploy"
    shutil.copytree(ROOT / "deploy", copy, ignore=shutil.ignore_patterns("screenshots"))
    monkeypatch.setattr(deployment, "DEPLOY", copy)
    return copy


def needs(tool: str) -> None:
    if shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/bin") is None:
        pytest.skip(f"{tool} is not on this machine")


@pytest.mark.parametrize(
    ("tool", "check", "file", "right", "wrong"),
    [
        ("nginx", "check_nginx", "nginx.conf", "proxy_http_version", "proxy_http_virsion"),
        ("systemd-analyze", "check_units", "systemd/parley-beat.service", "=always", "=oftener"),
        ("docker-compose", "check_compose", "compose.yaml", "depends_on: *pre", "depend_on: *pre"),
        ("bash", "check_scripts", "install", "main() {", "main( {"),
    ],
)
def test_it_fails_where_the_tool_complains(
    deploy: Path, tmp_path: Path, tool: str, check: str, file: str, right: str, wrong: str
) -> None:
    needs(tool)
    found = getattr(deployment, check)
    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
    assert found(tmp_path / "before")
    text = (deploy / file).read_text()
    assert right in text
    (deploy / file).write_text(text.replace(right, wrong, 1))
    assert not found(tmp_path / "after")


def test_it_says_which_tool_is_not_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *names, **places: None)
    assert deployment.main() == 0
    told = capsys.readouterr().out
    assert all(f"{tool} is not here" in told for tool in ("nginx", "systemd-analyze", "docker"))
