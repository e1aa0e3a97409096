"""People's words in a sentence of ours."""

import pytest
from django.template import Context, Template

from config.text import isolated


@pytest.mark.parametrize(
    "name", ["نور الهدى", "דנה", "Noor نور", "ߊߓߎ", "\U0001e900\U0001e901", "\u200f3"]
)
def test_it_isolates_what_runs_from_right_to_left(name: str) -> None:
    assert isolated(name) == f"\u2068{name}\u2069"


@pytest.mark.parametrize("name", ["", "Maya", "Zoë 👋", "মায়া", "҉" * 3, "10:30"])
def test_it_leaves_what_runs_as_ours_does(name: str) -> None:
    assert isolated(name) == name


def test_it_stands_in_translated_sentences() -> None:
    sentence = "{% load i18n %}{% blocktranslate with name=name|isolated %}{{ name }} ended the Space.{% endblocktranslate %}"
    shown = Template(sentence).render(Context({"name": "نور <b>"}))
    assert shown == "\u2068نور &lt;b&gt;\u2069 ended the Space."
