"""`{{ name|isolated }}`: people's words inside a sentence of ours, whichever way they run.

Where they are alone in an element it has `dir="auto"`, or is a `bdi`; a translated sentence, and an
attribute, take no elements.
"""

from django import template

from config.text import isolated

register = template.Library()
register.filter(isolated)
