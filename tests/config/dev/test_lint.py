import sys
from pathlib import Path

import pytest

from config.dev import lint
from config.dev.lint import Check


def test_it_shows_what_a_failed_check_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert not lint.passes(
        Check("one", (sys.executable, "-c", "print('line 3 is wrong'); raise SystemExit(1)"))
    )
    told = capfd.readouterr().out
    assert "line 3 is wrong" in told
    assert "one FAILED" in told


def test_it_is_brief_about_what_passed(capfd: pytest.CaptureFixture[str]) -> None:
    assert lint.passes(Check("one", (sys.executable, "-c", "print('much to say')")))
    assert "much to say" not in capfd.readouterr().out


def test_it_runs_every_check_even_if_one_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    fine, bad = (sys.executable, "-c", ""), (sys.executable, "-c", "raise SystemExit(2)")
    ran: list[str] = []

    def passes(check: Check) -> bool:
        ran.append(check.name)
        return check.argv == fine

    monkeypatch.setattr(lint, "checks", lambda: iter([Check("a", bad), Check("b", fine)]))
    monkeypatch.setattr(lint, "passes", passes)
    assert lint.main() == 1
    assert ran == ["a", "b"]


def test_it_finds_a_node_to_run_the_scripts_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert lint.node_path().endswith("/driver/node")  # The one inside the playwright wheel.


def test_it_checks_production_as_production() -> None:
    deploy = next(check for check in lint.checks() if check.name == "deploy")
    assert deploy.environ["PARLEY_MODE"] == "production"
    assert "--deploy" in deploy.argv


def test_it_checks_the_form_of_scripts_where_npm_brought_what_does_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(lint, "TSC", tmp_path)
    monkeypatch.setattr(lint, "BIOME", tmp_path)
    assert "script and style format" in {check.name for check in lint.checks()}
    monkeypatch.setattr(lint, "BIOME", tmp_path / "missing")
    assert "syntax of static/js/shell.js" in {check.name for check in lint.checks()}
