"""Template tags about Spaces: times in the viewer's zone, how long, the dots of the seats."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.limits import LIMITS
from spaces.choices import clock_name, language_name
from spaces.models import Space
from spaces.services import social_image
from spaces.services.cards import SpaceCard
from spaces.services.summary import summary

register = template.Library()


@register.simple_tag
def when(moment: datetime) -> SafeString:
    """A `<time>`: "Tomorrow, 19:00 WIB"."""
    # `data-local`: the page's script writes it again by the clock of the browser.
    local = timezone.localtime(moment)
    text = _("%(day)s, %(time)s %(zone)s") % {
        "day": day_name(local),
        "time": date_format(local, "H:i"),
        "zone": clock_name(local),
    }
    return format_html(
        '<time datetime="{}" data-local="{}">{}</time>',
        moment.isoformat(),
        _local_form("when"),
        text,
    )


@register.simple_tag
def clock(moment: datetime) -> SafeString:
    """A `<time>` with the hour big and the zone small, for the timetable."""
    local = timezone.localtime(moment)
    return format_html(
        '<time class="agenda__time" datetime="{}"><span data-local="{}">{}</span>'
        '<small data-local="{}">{}</small></time>',
        moment.isoformat(),
        _local_form("time"),
        date_format(local, "H:i"),
        _local_form("zone"),
        clock_name(local),
    )


@register.simple_tag
def date_tile(moment: datetime) -> SafeString:
    """Weekday, day and month one above the other."""
    local = timezone.localtime(moment)
    return format_html(
        '<time class="date" datetime="{}"><span data-local="{}">{}</span>'
        '<span class="date__day" data-local="{}">{}</span><span data-local="{}">{}</span></time>',
        moment.isoformat(),
        _local_form("weekday"),
        date_format(local, "D"),
        _local_form("day"),
        local.day,
        _local_form("month"),
        date_format(local, "M"),
    )


def _local_form(name: str) -> str:
    """Return the form the page's script writes, "" where the viewer chose a zone."""
    # Without a choice the site shows UTC, and the browser knows better; a choice wins over it.
    return name if timezone.get_current_timezone_name() == "UTC" else ""


@register.filter
def day_name(moment: datetime) -> str:
    """ "Today", "Tomorrow", "Yesterday", a weekday within the week, else the date."""
    # By the viewer's calendar: 23 hours ahead may be today, tomorrow or the day after.
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localtime().date()).days
    near = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}
    if days in near:
        return near[days]
    # A weekday alone means the next one of that name.
    is_this_week = 0 < days < 7
    return date_format(local, "l" if is_this_week else "MONTH_DAY_FORMAT")


@register.filter
def lasting(span: timedelta) -> str:
    """ "48 min", "1 h 04 min"."""
    # A clock of another machine may be ahead of ours.
    minutes = max(0, int(span.total_seconds()) // 60)
    if minutes < 60:
        return ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    return _("%(hours)d h %(minutes)02d min") % {"hours": minutes // 60, "minutes": minutes % 60}


@register.filter
def lasted(space: Space) -> timedelta:
    """Return how long a Space that was live lasted; nothing for one that never started."""
    if space.started_at and space.ended_at:
        return space.ended_at - space.started_at
    return timedelta()


@register.filter
def since(moment: datetime) -> timedelta:
    return timezone.now() - moment


@register.filter
def first_name(name: str) -> str:
    """Return a short name whole, of a longer one the first word."""
    # The same as `firstName` of static/js/i18n.js.
    return name if len(name) <= 9 or not name.split() else name.split()[0]


@register.filter
def language(code: str) -> str:
    return language_name(code)


@register.simple_tag
def seat_dots(card: SpaceCard) -> SafeString:
    """Return a dot for each seat of a stage, the host's lit, the taken ones filled."""
    taken = len(card.stage) + card.more_on_stage
    classes = [""] * LIMITS.stage_seats
    for place in range(min(taken, LIMITS.stage_seats)):
        classes[place] = "is-taken"
    classes[0] = "is-lit"
    label = _("%(taken)d of %(all)d seats taken") % {"taken": taken, "all": LIMITS.stage_seats}
    # Read aloud it is one picture: the dots alone say nothing.
    dots = format_html_join("", '<i class="{}"></i>', ((name,) for name in classes))
    return format_html('<span class="seats" role="img" aria-label="{}">{}</span>', label, dots)


@dataclass(frozen=True)
class SharePreview:
    """Where a Space is and what it looks like, for other sites: whole addresses, no secrets."""

    url: str
    text: str
    picture: str


@register.simple_tag(takes_context=True)
def share(context: template.Context, space: Space) -> SharePreview:
    request = context["request"]
    # The version makes other sites fetch the picture again when it has changed.
    path = reverse("spaces:poster", args=[space.public_id])
    picture = request.build_absolute_uri(f"{path}?v={social_image.version(space)}")
    url = request.build_absolute_uri(space.get_absolute_url())
    return SharePreview(url, summary(space), picture)
