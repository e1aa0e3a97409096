import pytest
from django.template import Context, Engine
from django.utils import translation
from django.utils.safestring import mark_safe

from config.rendering.compiled_templates import MissingInStencilError, StandIn, mark, stencil

ENGINE = Engine(
    libraries={"i18n": "django.templatetags.i18n"}, builtins=["django.templatetags.i18n"]
)
SOURCE = """<a href="{{ who.url }}" title="{{ who.name }}">
{{ who.name }}{% if who.is_here %} {% translate "now" %}{% endif %}</a>"""
TEMPLATE = ENGINE.from_string(SOURCE)


def drawn(name: str, url: str, *, is_here: bool) -> str:
    cut = stencil(
        TEMPLATE, is_here, lambda: {"who": StandIn(name=mark("n"), url=mark("u"), is_here=is_here)}
    )
    return cut.fill({"n": name, "u": url})


@pytest.mark.parametrize("is_here", [True, False])
@pytest.mark.parametrize(
    "name", ["Maya", "<b>\"&'", "", "7263540918000", mark_safe("<i>safe</i>"), "{{ who }}"]
)
def test_it_draws_what_the_template_draws(name: str, is_here: bool) -> None:
    whole = ENGINE.from_string(SOURCE).render(
        Context({"who": {"name": name, "url": "/@x/", "is_here": is_here}})
    )
    assert drawn(name, "/@x/", is_here=is_here) == whole


def test_it_speaks_the_language_of_now() -> None:
    template = ENGINE.from_string('{% translate "Home" %} {{ a }}')
    said = set()
    for language in ("en", "id", "en"):
        with translation.override(language):
            said.add(stencil(template, "", lambda: {"a": mark("a")}).fill({"a": "x"}))
    assert said == {"Home x", "Beranda x"}


def test_it_asks_for_the_context_once_a_shape() -> None:
    template, asked = ENGINE.from_string("{{ a }}"), []

    def context() -> dict[str, object]:
        asked.append(1)
        return {"a": mark("a")}

    assert [stencil(template, "x", context).fill({"a": number}) for number in ("1", "2")] == [
        "1",
        "2",
    ]
    assert len(asked) == 1


def test_it_raises_for_what_a_stand_in_does_not_know() -> None:
    template = ENGINE.from_string("{{ who.age }}")
    with pytest.raises(MissingInStencilError):
        stencil(template, "", lambda: {"who": StandIn(name="Maya")})


def test_a_value_that_looks_like_a_mark_stays_itself() -> None:
    template = ENGINE.from_string("{{ a }}-{{ b }}")
    cut = stencil(template, "", lambda: {"a": mark("a"), "b": mark("b")})
    assert cut.fill({"a": mark("b"), "b": "2"}) == f"{mark('b')}-2"
