import re
from ast import literal_eval

import pytest
from django.template import Context, Engine
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation.template import templatize
from jinja2 import TemplateSyntaxError, UndefinedError

from config.rendering.compiled_templates import FOLDER, draw, environment
from tests.config.test_locale import entries

TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
LINK = """{% macro link(who, words) %}<a title="{{ who.name }}">{{ words }}</a>{% endmacro %}"""


def drawn(source: str, macro: str, *args: object, language: str = "en") -> str:
    with translation.override(language):
        module = environment(language).from_string(source).module
    return str(getattr(module, macro)(*args))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Maya", "Maya"),
        ("<b>\"&'", "&lt;b&gt;&#34;&amp;&#39;"),
        ("{{ who }}", "{{ who }}"),
        (mark_safe("<i>safe</i>"), "<i>safe</i>"),
    ],
)
def test_it_escapes_what_is_not_safe(words: str, shown: str) -> None:
    html = drawn(LINK, "link", {"name": words}, words)
    assert html == f'<a title="{shown}">{shown}</a>'


def test_it_raises_for_what_is_not_there() -> None:
    with pytest.raises(UndefinedError):
        drawn(LINK, "link", {}, "")


def test_it_speaks_the_language_of_now() -> None:
    said = []
    for language in ("en", "id", "en"):
        with translation.override(language):
            said.append(draw("posts/_quote.html", "quote_card", {"post": None}))
    assert "The quoted post is not available." in said[0]
    assert "Kiriman yang dikutip" in said[1]
    assert said[2] == said[0]


def test_it_escapes_values_in_translated_words() -> None:
    source = "{% macro m(name) %}{{ _('Post by %(name)s')|format(name=name) }}{% endmacro %}"
    assert drawn(source, "m", "<b>", language="id") == "Kiriman &lt;b&gt;"


def test_it_escapes_values_in_translated_markup() -> None:
    source = """{% macro m(url, handle) %}{{
        _('Answering <a class="link" href="%(url)s">@%(handle)s</a>')|safe
        |format(url=url, handle=handle) }}{% endmacro %}"""
    html = drawn(source, "m", '"x', "<b>")
    assert html == 'Answering <a class="link" href="&#34;x">@&lt;b&gt;</a>'


def test_it_draws_icons_as_other_templates_do() -> None:
    tag = Engine.get_default().from_string('{% icon "heart" "sm" %}').render(Context())
    assert drawn('{% macro m() %}{{ "heart"|icon("sm") }}{% endmacro %}', "m") == tag


def test_it_refuses_words_that_only_the_running_page_knows() -> None:
    with pytest.raises(TemplateSyntaxError):
        environment("en").from_string("{{ _(words) }}")


def words_of(source: str) -> set[str]:
    """Every word to translate, as the compiler finds it."""
    found: set[str] = set()
    tokens = list(environment("en").lexer.tokenize(source))
    for name, bracket, words in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if name.test("name:_") and bracket.test("lparen"):
            found.add(words.value)
    return found


@pytest.mark.parametrize("name", TEMPLATES)
def test_makemessages_finds_its_words_and_they_are_translated(name: str) -> None:
    source = (FOLDER / name).read_text()
    words = words_of(source)
    for_gettext = templatize(source, origin=name)
    found = {
        literal_eval(call) for call in re.findall(r" _\(((?:\".*?\")|(?:'.*?'))\) ", for_gettext)
    }
    assert words == found
    catalogue = entries("django")
    assert {one for one in words if not catalogue.get(one)} == set()


def test_some_words_are_looked_for() -> None:
    everything = [words_of((FOLDER / name).read_text()) for name in TEMPLATES]
    assert len(set().union(*everything)) > 30
