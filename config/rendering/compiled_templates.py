"""Templates of which a page draws very many: the words are drawn once for each shape, then only
filled in.

A template of Django's costs about 10 µs a tag, and one post has two hundred. But posts come in few
shapes (liked or not, with a picture or not), and two of one shape differ only in the words that
stand in them. So a template is drawn once for a shape, with a mark in the place of every word, cut
at the marks, and kept:

    cut = stencil(template, shape, context)          # `context` may hold marks (`mark("name")`) and plain values
    cut.fill({"name": author.name, "url": ...})      # Escapes what is not safe, as the template would.

What decides between two shapes must be in `shape`: a template that asks for more than the context
has, raises.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template import Context, Template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

MOST = 2000  # Of all kinds together; a busy site uses some hundreds. Beyond it all are drawn anew.
# Digits only, so that a mark fits wherever a number, a handle or a word does: in addresses,
# attributes and text.
_MARK = "7263540918"
_CUT = re.compile(rf"{_MARK}(\d\d\d)")

_names: list[str] = []
_kept: dict[Hashable, "Stencil"] = {}


class MissingInStencilError(Exception):
    """A template asks for something that its stencil was not given: it would stay blank for
    everybody.
    """


class StandIn:
    """What a template is given in the place of a model. It knows only what is said of it."""

    def __init__(self, **known: object) -> None:
        self.__dict__.update(known)

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") or name in (
            "do_not_call_in_templates",
            "alters_data",
            "resolve_expression",
        ):
            raise AttributeError(name)
        raise MissingInStencilError(f"The stencil knows no {name}.")


@dataclass(frozen=True)
class Stencil:
    """Text, the name of what stands there, text, and so on; begins and ends with text."""

    parts: tuple[str, ...]

    # Any: words, numbers, lazy tokens; all become text.
    def fill(self, values: Mapping[str, Any]) -> SafeString:
        filled = list(self.parts)
        for place in range(1, len(filled), 2):
            filled[place] = conditional_escape(values[filled[place]])
        return SafeString("".join(filled))


def mark(name: str) -> str:
    """Return what stands for the value `name` while a stencil is drawn."""
    if name not in _names:
        _names.append(name)
    return f"{_MARK}{_names.index(name):03}"


def stencil(
    template: Template, shape: Hashable, context: Callable[[], Mapping[str, object]]
) -> Stencil:
    """Return the stencil of `template` for a shape, in the language of now.

    `context` is asked only to draw it.
    """
    key = (template, shape, get_language())  # A template that was edited is another object.
    known = _kept.get(key)
    if known is None:
        if len(_kept) >= MOST:
            _kept.clear()
        known = _kept[key] = _cut(template.render(Context(dict(context()))))
    return known


def _cut(drawn: str) -> Stencil:
    pieces = _CUT.split(drawn)
    pieces[1::2] = [_names[int(number)] for number in pieces[1::2]]
    return Stencil(tuple(pieces))
