"""`<input {% max_chars limits.space_title_chars %}>`: how long the words in a field may be."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


def field_attributes(most: int) -> dict[str, str]:
    """Return what a field of at most `most` code points has.

    `maxlength` counts UTF-16 units, of which a code point has two at most: it is for browsers
    without scripts. static/js/max_chars.js counts by the other as the server does.
    """
    return {"data-max-chars": str(most), "maxlength": str(2 * most)}


@register.simple_tag
def max_chars(most: int) -> SafeString:
    return format_html('data-max-chars="{}" maxlength="{}"', *field_attributes(most).values())
