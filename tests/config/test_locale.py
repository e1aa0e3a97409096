"""The Indonesian catalogues: compiled, alive, and with every placeholder of the English in its
place.
"""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext as _

FOLDER = Path(settings.LOCALE_PATHS[0]) / "id" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[0-9]*[a-z]|%s|<[^>]+>")


def entries(domain: str) -> dict[str, str]:
    """Read the source: English to Indonesian."""
    text = (FOLDER / f"{domain}.po").read_text()
    found: dict[str, str] = {}
    for entry in text.split("\n\n")[1:]:
        english = re.search(r'^msgid ((?:"(?:[^"\\]|\\.)*"\n?)+)', entry, re.MULTILINE)
        ours = re.search(r'^msgstr(?:\[0\])? ((?:"(?:[^"\\]|\\.)*"\n?)+)', entry, re.MULTILINE)
        assert english, entry
        assert ours, entry
        found[_joined(english[1])] = _joined(ours[1])
    return found


def _joined(quoted: str) -> str:
    parts: list[str] = re.findall(r'"((?:[^"\\]|\\.)*)"', quoted)
    return "".join(parts).replace('\\"', '"').replace("\\n", "\n")


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
