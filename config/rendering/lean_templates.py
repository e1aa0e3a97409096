"""Django's templates without what only their sources need, which was a tenth of what was sent.

That is how far a line is indented, and lines that hold nothing but a tag which draws nothing.
"""

import re

from django.template.base import Origin
from django.template.engine import Engine
from django.template.loaders import app_directories, cached, filesystem

INDENTATION = re.compile(r"\n[ \t]+")
# What these tags begin or end stands in lines of its own; the line break before them stays.
TAG_ALONE = re.compile(
    r"(?<=\n)(\{% (?:if|elif|else|endif|for|empty|endfor|with|endwith|load|url [^%]* as)\b[^%]*%\}"
    r"|\{#[^\n]*#\})\n"
)


def lean(source: str) -> str:
    return TAG_ALONE.sub(r"\1", INDENTATION.sub("\n", source))


def contents_of(origin: Origin, source: str) -> str:
    """Letters in plain text are drawn as they are written."""
    return lean(source) if str(origin.template_name).endswith(".html") else source


class FileLoader(filesystem.Loader):
    def get_contents(self, origin: Origin) -> str:
        return contents_of(origin, super().get_contents(origin))


class AppLoader(app_directories.Loader):
    def get_contents(self, origin: Origin) -> str:
        return contents_of(origin, super().get_contents(origin))


class Loader(cached.Loader):
    """All templates of the site and of the apps, each read once."""

    def __init__(self, engine: Engine) -> None:
        loaders = (FileLoader, AppLoader)
        super().__init__(engine, [f"{__name__}.{one.__name__}" for one in loaders])
