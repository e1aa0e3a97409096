"""Spaces as iCalendar (RFC 5545): one event, a user's own feed, a host's public one.

Times are written in UTC, so no zone has to be described and every program shows the right instant.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event
from icalendar.prop import vDuration, vText

from accounts.models import User
from spaces.models import CalendarFeed, Reminder, Space, SpaceQuerySet
from spaces.models.calendar import new_secret

ASSUMED_LENGTH = timedelta(hours=1)  # Nobody says how long; calendars want to know.
REFRESH_EVERY = timedelta(hours=1)
# What was is kept in the feed for so long, so that a calendar does not lose it at once.
LOOK_BACK = timedelta(days=30)
MOST_EVENTS = 500


def secret_of(user: User) -> str:
    """Return the key in the address of the person's feed; "" if they have none."""
    feed = CalendarFeed.objects.filter(user=user).first()
    return feed.secret if feed else ""


def renew(user: User) -> str:
    """Give the person's feed a new address, the first one too; the one before is dead at once."""
    return CalendarFeed.objects.update_or_create(user=user, defaults={"secret": new_secret()})[
        0
    ].secret


def close(user: User) -> None:
    CalendarFeed.objects.filter(user=user).delete()


def owner_of(secret: str) -> User | None:
    """Return whose feed this is; None for an address that is not, or no longer, one."""
    feed = (
        CalendarFeed.objects.filter(secret=secret, user__is_active=True)
        .select_related("user")
        .first()
    )
    return feed.user if feed else None


def spaces_of(user: User) -> list[Space]:
    """Return what belongs into a person's own calendar: what they host, and what they want to be
    reminded of.
    """
    wanted = Reminder.objects.filter(
        user=user, kind__in=(Reminder.Kind.LIVE, Reminder.Kind.CANCELLED)
    ).values("space")
    mine = Space.objects.visible_to(user).filter(Q(host=user) | Q(pk__in=wanted))
    return _dated(mine)


def spaces_hosted_by(host: User) -> list[Space]:
    """Return the Spaces of a host's public feed: what a visitor may see."""
    return _dated(Space.objects.visible_to(None).filter(host=host))


def _dated(spaces: SpaceQuerySet) -> list[Space]:
    recent = spaces.filter(scheduled_for__gte=timezone.now() - LOOK_BACK).select_related("host")
    return list(recent.prefetch_related("topics").order_by("scheduled_for", "id")[:MOST_EVENTS])


# --- the format -----------------------------------------------------------------------------------


def encode(spaces: Iterable[Space], site: str, name: str) -> bytes:
    """Return a whole calendar. `site` is the address of this instance, without a path."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Parley//Spaces//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    # Said to be text here, because icalendar escapes nothing in what no RFC names.
    calendar.add("x-wr-calname", vText(_printable(name)))
    # RFC 7986 §5.7; Outlook reads the other one.
    calendar.add("refresh-interval", vDuration(REFRESH_EVERY, params={"VALUE": "DURATION"}))
    calendar.add("x-published-ttl", vDuration(REFRESH_EVERY))
    now = timezone.now()
    for space in spaces:
        calendar.add_component(_event(space, site, now))
    body: bytes = calendar.to_ical()
    return body


def _event(space: Space, site: str, now: datetime) -> Event:
    start = space.scheduled_for or space.started_at or space.created_at
    url = f"{site}{space.get_absolute_url()}"
    event = Event()
    event.add("uid", f"{space.public_id}@{site.rpartition('//')[2]}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", start.astimezone(UTC))
    event.add("dtend", _end(space, start).astimezone(UTC))
    event.add("sequence", space.rev)
    event.add("summary", _printable(space.title))
    event.add("description", _printable(_description(space, url)))
    event.add("url", url)
    event.add("location", url)
    is_cancelled = space.state == Space.State.CANCELLED
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    return event


def _end(space: Space, start: datetime) -> datetime:
    """Return when it ended, or a guess."""
    if space.state == Space.State.ENDED and space.ended_at and space.ended_at > start:
        return space.ended_at
    return start + ASSUMED_LENGTH


def _description(space: Space, url: str) -> str:
    host = _("Hosted by %(name)s (@%(handle)s)") % {
        "name": space.host.name,
        "handle": space.host.handle,
    }
    topics = ", ".join(topic.name for topic in space.topics.all())
    return "\n".join(filter(None, [host, topics, url]))


def _printable(text: str) -> str:
    """Leave out control characters, which have no place in a text value (RFC 5545 §3.3.11)."""
    return "".join(char for char in text if char.isprintable() or char == "\n")
