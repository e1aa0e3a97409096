"""`{% icon "mic" %}`, in compiled templates `{{ "mic"|icon }}`: one Lucide drawing.

`{% mark %}` is the mark of Parley. Both stand in static/icons.svg, which is fetched once.
"""

import functools

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SPRITE = "icons.svg"


@register.filter
@register.simple_tag
@functools.cache  # A page has hundreds of the same few.
def icon(name: str, kinds: str = "") -> SafeString:
    """Return the SVG of icon `name`; `kinds` are a size ("xs", "sm", "lg") and "flip", or "".

    Decoration only: name the button itself. "flip": it points the other way where people read from
    right to left.
    """
    return _drawing(name, "icon", kinds)


@register.filter
@functools.cache
def glyph(name: str) -> SafeString:
    """Return the SVG of icon `name` and nothing else, for what stands in a page a hundred times.

    The style sheet of the component draws it like an icon. Only inside a button or a named link,
    whose content screen readers do not read.
    """
    return format_html('<svg><use href="{}#{}"/></svg>', static(SPRITE), name)


@register.simple_tag
@functools.cache
def mark(kinds: str = "") -> SafeString:
    """Return the SVG of the mark; "lg" for a page that has little else."""
    return _drawing("mark", "mark", kinds)


def _drawing(name: str, kind: str, modifiers: str) -> SafeString:
    classes = " ".join((kind, *(f"{kind}--{modifier}" for modifier in modifiers.split())))
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static(SPRITE),
        name,
    )
