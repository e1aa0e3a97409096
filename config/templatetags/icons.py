"""`{% icon "mic" %}`: one Lucide drawing from the sprite in templates/_sprite.html."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Return the SVG of icon `name`; `size` is "", "xs", "sm", "lg".

    Decoration only: name the button itself.
    """
    classes = f"icon icon--{size}" if size else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', classes, name
    )
