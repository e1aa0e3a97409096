"""The joined style sheet: all there is, in the order of the list, made anew when a source changes."""

import os
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from config.env import ROOT
from config.http import style_sheet

FOLDER = ROOT / "static" / "css"
APART = {"admin.css", "site.css"}  # The staff's pages have their own; the list is no part of it.


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a list of two style sheets."""
    folder = tmp_path / "css"
    folder.mkdir()
    (folder / "site.css").write_text(
        '/* A list. */\n@import url("b.css");\n@import url("a.css");\n'
    )
    (folder / "a.css").write_text(".a {}\n")
    (folder / "b.css").write_text(".b {}\n")
    monkeypatch.setattr(style_sheet, "SOURCE", folder / "site.css")
    monkeypatch.setattr("django.conf.settings.DATA_DIR", tmp_path / "data")
    return folder


def served() -> str:
    found = style_sheet.StyleSheetFinder().find("css/site.css")
    return Path(found).read_text()


def test_it_joins_every_style_sheet_once() -> None:
    names = [str(path.relative_to(FOLDER)) for path in style_sheet.parts()]
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.css")} - APART
    assert sorted(names) == sorted(there)


def test_it_is_found_before_the_list_of_imports() -> None:
    found = finders.find("css/site.css")
    assert found is not None
    assert "@import" not in Path(found).read_text()


def test_it_keeps_the_order_of_the_list(sources: Path) -> None:
    assert served() == ".b {}\n\n.a {}\n"


def test_it_is_made_anew_when_a_source_changes(sources: Path) -> None:
    served()
    (sources / "a.css").write_text(".a { color: red }\n")
    later = (sources / "b.css").stat().st_mtime + 5
    os.utime(sources / "a.css", (later, later))
    assert "red" in served()


def test_it_fails_when_an_import_is_missing(sources: Path) -> None:
    (sources / "a.css").unlink()
    with pytest.raises(FileNotFoundError):
        served()


def test_it_leaves_other_files_to_other_finders(sources: Path) -> None:
    assert style_sheet.StyleSheetFinder().find("css/a.css") == []
