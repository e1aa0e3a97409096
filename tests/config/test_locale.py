"""The Indonesian catalogues: complete, compiled, alive, and with every placeholder of the English in
its place.
"""

import gettext
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext as _

from config.env import ROOT
from tests.config.marked_texts import (
    Marks,
    in_python,
    in_script,
    in_template,
    lacking,
    translated,
)

FOLDER = Path(settings.LOCALE_PATHS[0]) / "id" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[0-9]*[a-z]|%s|<[^>]+>")


STALE = {"%(n)d new alerts"}  # Nothing marks it any more.
APPS = ("accounts", "posts", "spaces", "config", "media_relay")


def entries(domain: str) -> dict[str, str]:
    """Read the source: English to Indonesian, which has one form for all numbers."""
    return {
        marked.text: forms[0]
        for marked, forms in translated((FOLDER / f"{domain}.po").read_text()).items()
    }


def sources() -> Iterator[tuple[str, Path, Callable[[str], Marks]]]:
    """Yield each file that may hold marked texts: its catalogue, its path, how it is read."""
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            yield "django", path, in_python
    for path in (ROOT / "templates").rglob("*.*"):
        yield "django", path, in_template
    for path in (ROOT / "static" / "js").rglob("*.js"):
        yield "djangojs", path, in_script


def test_it_translates_every_marked_text() -> None:
    catalogues = {
        domain: translated((FOLDER / f"{domain}.po").read_text())
        for domain in ("django", "djangojs")
    }
    missing = {
        str(path.relative_to(ROOT)): found
        for domain, path, read in sources()
        if (found := list(lacking(read(path.read_text()).texts, catalogues[domain])))
    }
    assert missing == {}


def test_it_translates_nothing_that_nobody_marks() -> None:
    marked: dict[str, set[str]] = {"django": set(), "djangojs": set()}
    for domain, path, read in sources():
        marked[domain] |= {one.text for one in read(path.read_text()).texts}
    unused = {text for domain in marked for text in entries(domain) if text not in marked[domain]}
    assert unused <= STALE


def test_it_marks_texts_so_that_makemessages_finds_them() -> None:
    """It knows gettext and `_` by name, and reads no text that is put together or chosen."""
    overlooked = {
        str(path.relative_to(ROOT)): found
        for _domain, path, read in sources()
        if (found := read(path.read_text()).unreadable)
    }
    assert overlooked == {}


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_it_keeps_every_placeholder_and_tag(domain: str) -> None:
    wrong = {
        english: ours
        for english, ours in entries(domain).items()
        if ours and sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(ours))
    }
    assert wrong == {}


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_it_ships_the_compiled_catalogue_of_its_source(domain: str) -> None:
    """A fresh machine has no msgfmt, so the compiled file is in the repository and must not lag
    behind.
    """
    with (FOLDER / f"{domain}.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = {
        english
        for english, ours in entries(domain).items()
        if ours and _compiled(compiled, english) != ours
    }
    assert stale == set()


def _compiled(catalogue: gettext.GNUTranslations, english: str) -> str:
    one = catalogue.gettext(english)
    return one if one != english else catalogue.ngettext(english, english, 1)


def test_it_speaks_indonesian_to_people_who_do() -> None:
    with translation.override("id"):
        assert _("Start listening") == "Mulai mendengarkan"


@pytest.mark.django_db
def test_it_shows_pages_and_scripts_in_the_language_of_the_browser(client: Client) -> None:
    page = client.get("/account/login/", headers={"Accept-Language": "id"})
    assert '<html lang="id"' in page.text
    assert "Masuk" in page.text
    words = client.get("/jsi18n/", headers={"Accept-Language": "id"})
    assert "Kamu di panggung." in words.text
