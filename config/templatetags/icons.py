"""`{% icon "mic" %}`, in compiled templates `{{ "mic"|icon }}`: one Lucide drawing.

It comes from the sprite in templates/_sprite.html.
"""

import functools

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
@register.simple_tag
@functools.cache  # A page has hundreds of the same few.
def icon(name: str, size: str = "") -> SafeString:
    """Return the SVG of icon `name`; `size` is "", "xs", "sm", "lg".

    Decoration only: name the button itself.
    """
    classes = f"icon icon--{size}" if size else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', classes, name
    )
