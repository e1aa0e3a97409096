"""`{{ name|isolated }}`: people's words inside a sentence of ours, whichever way they run.

Where they are alone in an element it has `dir="auto"`, or is a `bdi`; a translated sentence, and an
attribute, take no elements.
"""

import re

from django import template

FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE = "\u2068", "\u2069"
# The blocks whose characters run from right to left, also those that nobody has assigned yet
# (DerivedBidiClass.txt, @missing). Other words need no isolation: ours run from left to right.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)

register = template.Library()


@register.filter
def isolated(text: str) -> str:
    """Return `text` so that it turns nothing of the sentence around it."""
    if not _RIGHT_TO_LEFT.search(text):
        return text
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_DIRECTIONAL_ISOLATE}"
