"""The browser's measure of length is the server's: tests/static/js/text.test.mjs counts the same
texts.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from config import text

ROWS = json.loads((Path(__file__).parent / "lengths.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: ascii(row["text"]))
def test_it_counts_as_the_browser_does(row: dict[str, Any]) -> None:  # Any: JSON.
    found = (len(text.line(row["text"])), len(text.lines(row["text"])))
    assert found == (row["line"], row["lines"])
