"""What holds for every template, whoever wrote it."""

import re
from pathlib import Path

import pytest

from config.http import style_sheet

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
# Tokens are where colours are named; the staff's pages have their own.
SHEETS = [path for path in style_sheet.parts() if path.stem != "tokens"]
SPRITE = set(re.findall(r'id="([\w-]+)"', (ROOT / "static" / "icons.svg").read_text()))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_it_has_no_inline_style_script_or_handler(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"<style\b", source)
    assert not re.search(r"<script(?![^>]*(\bsrc=|type=\"application/json\"))[^>]*>", source)
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", source)


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS], ids=name)
def test_it_uses_only_icons_of_the_sprite(path: Path) -> None:
    source = path.read_text()
    ways = (r'{% icon "([\w-]+)"', r'"([\w-]+)"\|(?:icon|glyph)\b', r'(?<!\|)\bicon\("([\w-]+)"')
    used = {icon for way in ways for icon in re.findall(way, source)}
    assert used <= SPRITE


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_it_has_no_comment_that_would_be_shown(path: Path) -> None:
    """Django's short comment ends with its line; a longer one is text on the page."""
    for line in path.read_text().splitlines():
        assert line.count("{#") == line.count("#}"), line


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_it_takes_its_colours_from_the_tokens(sheet: Path) -> None:
    rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", re.sub(r"#main|#feed\w*", "", rules))


def test_it_names_tokens_that_exist() -> None:
    everything = style_sheet.join()
    known = set(re.findall(r"(--[\w-]+):", everything))
    assert set(re.findall(r"var\((--[\w-]+)", everything)) <= known


def test_it_says_from_where_the_icons_are() -> None:
    assert "lucide" in (ROOT / "static" / "vendor" / "VERSIONS").read_text()
    assert "ISC License" in (ROOT / "static" / "vendor" / "lucide.LICENSE").read_text()
