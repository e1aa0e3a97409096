"""`{{ limits.replay_kept_s|in_words }}`: a limit in seconds as people read it."""

from django import template

from config.rendering.durations import in_words

register = template.Library()
register.filter(in_words)
