"""Template tags of the composer and of polls: choices, limits, and how long is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django import template
from django.utils.functional import Promise
from django.utils.timesince import timeuntil
from django.utils.translation import gettext_lazy as _

from config.limits import LIMITS
from posts.models import Post
from posts.services.polls import PollResult

register = template.Library()

Choice = tuple[str | int, str | Promise]

_TIMES: tuple[Choice, ...] = (
    (5 * 60, _("5 minutes")),
    (30 * 60, _("30 minutes")),
    (3600, _("1 hour")),
    (6 * 3600, _("6 hours")),
    (86400, _("1 day")),
    (3 * 86400, _("3 days")),
    (7 * 86400, _("7 days")),
)


@dataclass(frozen=True)
class PollLimits:
    options: int
    chars: int
    times: tuple[Choice, ...]


@register.simple_tag
def poll_limits() -> PollLimits:
    shortest, longest = LIMITS.poll_shortest_s, LIMITS.poll_longest_s
    # Sites may set other limits; what they refuse is not offered.
    times = tuple(choice for choice in _TIMES if shortest <= int(choice[0]) <= longest)
    return PollLimits(LIMITS.poll_options, LIMITS.poll_option_chars, times)


@register.simple_tag
def reply_rules() -> list[Choice]:
    rule = Post.Replies
    return [
        (rule.EVERYONE.value, _("Everyone can reply")),
        (rule.FOLLOWED.value, _("People I follow can reply")),
        (rule.MENTIONED.value, _("Only people I mention can reply")),
    ]


@register.filter
def padded(options: Sequence[str] | None, length: int) -> list[str]:
    """At least `length` fields to write into."""
    given = list(options or [])
    return given + [""] * (length - len(given))


@register.simple_tag
def poll_left(poll: PollResult) -> str:
    """The largest unit says enough:

    "5 hours". A begun minute counts, so that a new poll of a day has a day left.
    """
    return timeuntil(poll.ends_at + timedelta(seconds=59), depth=1)
