"""Decisions tell whether they hold."""

import re
from pathlib import Path

import pytest

from config.env import ROOT

DECISIONS = sorted((ROOT / "config" / "decisions").glob("[0-9]*.md"))
STATUS = re.compile(
    r"\*\*Status\.\*\* (Accepted|Superseded by (\d{4})|Withdrawn), \d{4}-\d\d-\d\d[.;]"
)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_it_says_its_number_and_its_status(path: Path) -> None:
    title, blank, status, *_ = path.read_text().splitlines()
    assert title.startswith(f"# {path.name[:4]}")
    assert blank == ""
    found = STATUS.match(status)
    assert found, status
    assert found[2] is None or any(other.name.startswith(found[2]) for other in DECISIONS)


def test_it_gives_each_number_once() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))
