"""`{% script "js/site.js" %}`: a module of ours, and what it imports fetched beside it."""

import os
import re
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

IMPORT = re.compile(r'(?:\bfrom|\bimport)\s*"(\.{1,2}/[^"]+)"')

_known: dict[str, SafeString] = {}


@register.simple_tag
def script(name: str) -> SafeString:
    """Write the tags of a module. In development a change of it is seen at once."""
    if settings.PRODUCTION and name in _known:
        return _known[name]
    imported = [(static(path),) for path in imports_of(name)]
    preloads = format_html_join("", '<link rel="modulepreload" href="{}">', imported)
    _known[name] = format_html('{}<script type="module" src="{}"></script>', preloads, static(name))
    return _known[name]


def imports_of(name: str) -> list[str]:
    """Return the names of the files that a module imports by itself, joined or not."""
    served = Path(settings.STATIC_ROOT) / name if settings.PRODUCTION else finders.find(name)
    if not served or not Path(served).exists():
        return []
    paths = dict.fromkeys(IMPORT.findall(Path(served).read_text()))
    return [os.path.normpath(Path(name).parent / path) for path in paths]
