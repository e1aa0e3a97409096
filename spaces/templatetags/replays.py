"""Template tags for replays: moments and lengths from milliseconds."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

from spaces.models import Recording
from spaces.templatetags.rooms import lasting

register = template.Library()


@register.filter
def moment(ms: int) -> str:
    """Return 65000 as "1:05", 3665000 as "1:01:05"."""
    minutes, seconds = divmod(int(ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def lasting_ms(ms: int) -> str:
    """Return a length as people say it; below a minute in seconds."""
    if ms < 60_000:
        return _("%(seconds)d s") % {"seconds": ms // 1000}
    return lasting(timedelta(milliseconds=ms))


@register.filter
def whole_seconds(ms: int) -> int:
    return int(ms) // 1000


@register.filter
def size_of(recording: Recording, name: str) -> int:
    # Deleted files have no size.
    return int(recording.sizes.get(name, 0))
