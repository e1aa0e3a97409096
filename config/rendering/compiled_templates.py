"""Templates of which a page draws very many: macros of Jinja2, which compiles them to Python.

They stand in `templates/jinja2/`. Tags of ours draw them in Django's templates:

    draw("posts/_post.html", "post", view, page)  # The macro `post` of that file.

Jinja2 works out constants while it compiles, so what is the same on every page costs nothing when
one is drawn: `{{ "heart"|icon("sm") }}` and `{{ _("Copy link") }}` become a part of the text around
them. For that there is one set of compiled templates a language.

Django's `makemessages` finds words that stand first in their braces or after `{% set name =`,
also with values: `{{ _("Like, %(n)s")|format(n=count) }}`. A plural is a filter in Python. All
filters of the site's tag libraries work here as they do in Django's templates.
"""

import functools
import re
from collections.abc import Iterator

from django.conf import settings
from django.template import Engine
from django.utils import translation
from django.utils.safestring import SafeString
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateModule
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from config.env import ROOT
from config.rendering.fast_reverse import address

FOLDER = ROOT / "templates" / "jinja2"


def draw(template: str, macro: str, /, *args: object, **options: object) -> SafeString:
    """Return what a macro of a template makes of `args`, in the language of now.

    Raises UndefinedError if it asks for something that is not there.
    """
    language = translation.get_language() or settings.LANGUAGE_CODE
    return SafeString(getattr(_macros(template, language), macro)(*args, **options))


@functools.cache
def _macros(template: str, language: str) -> TemplateModule:
    with translation.override(language):
        return environment(language).get_template(template).module


@functools.cache
def environment(language: str) -> Environment:
    """Return the compiler of a language; its templates are read once in the life of a process."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        extensions=[Indentation, TranslatedWords],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    for library in Engine.get_default().template_libraries.values():
        made.filters = {**library.filters, **made.filters}
    made.globals["url"] = address
    return made


class Indentation(Extension):
    """Leaves out how far lines are indented, which was a fifth of what was sent."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"\n[ ]+", "\n", source)


class TranslatedWords(Extension):
    """Puts the words of the language of now in the place of `_("words")`."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if not token.test("name:_"):
                yield token
                continue
            stream.expect("lparen")
            words = stream.expect("string")
            stream.expect("rparen")
            yield Token(words.lineno, "string", translation.gettext(words.value))
