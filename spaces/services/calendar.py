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
from accounts.models.user import not_away
from config.text import line, lines
from spaces.models import CalendarFeed, Reminder, Space, SpaceQuerySet
from spaces.models.calendar import new_secret

ASSUMED_LENGTH = timedelta(hours=1)  # Nobody says how long; calendars want to know.
REFRESH_EVERY = timedelta(hours=1)
# What was is kept in the feed for so long, so that a calendar does not lose it at once.
LOOK_BACK = timedelta(days=30)
MOST_EVENTS = 500  # A feed is read every hour by every subscriber.


def secret_of(user: User) -> str:
    """Return the key in the address of the user's feed; "" if they have none."""
    feed = CalendarFeed.objects.filter(user=user).first()
    return feed.secret if feed else ""


def renew(user: User) -> str:
    """Give the user's feed a new address, the first one too; the one before is dead at once."""
    defaults = {"secret": new_secret()}
    feed, _is_new = CalendarFeed.objects.update_or_create(user=user, defaults=defaults)
    return feed.secret


def close(user: User) -> None:
    CalendarFeed.objects.filter(user=user).delete()


def owner_of(secret: str) -> User | None:
    """Return whose feed this is; None for an address that is not, or no longer, one."""
    # Who is away has no log-in; their feed must not go on either.
    feeds = CalendarFeed.objects.filter(not_away("user"), secret=secret)
    feed = feeds.select_related("user").first()
    return feed.user if feed else None


def spaces_of(user: User) -> list[Space]:
    """Return what belongs into a user's own calendar.

    That is what they host, and what they want to be reminded of.
    """
    # The row of a cancelled Space turns from LIVE to CANCELLED.
    kinds = (Reminder.Kind.LIVE, Reminder.Kind.CANCELLED)
    wanted = Reminder.objects.filter(user=user, kind__in=kinds).values("space")
    return _recent(Space.objects.visible_to(user).filter(Q(host=user) | Q(pk__in=wanted)))


def spaces_hosted_by(host: User) -> list[Space]:
    """Return the Spaces of a host's public feed: what a visitor may see."""
    return _recent(Space.objects.visible_to(None).filter(host=host))


def _recent(spaces: SpaceQuerySet) -> list[Space]:
    recent = spaces.filter(scheduled_for__gte=timezone.now() - LOOK_BACK)
    recent = recent.select_related("host").prefetch_related("topics")
    return list(recent.order_by("scheduled_for", "id")[:MOST_EVENTS])


# --- the format -----------------------------------------------------------------------------------


def encode(spaces: Iterable[Space], site: str, name: str) -> bytes:
    """Return a whole calendar. `site` is the address of this instance, without a path."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Parley//Spaces//EN")
    calendar.add("calscale", "GREGORIAN")
    # Published for all to read; nobody is asked to answer (RFC 5546 §3.2.1).
    calendar.add("method", "PUBLISH")
    # Said to be text here, because icalendar escapes nothing in what no RFC names.
    calendar.add("x-wr-calname", vText(line(name)))
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
    end = start + ASSUMED_LENGTH
    if space.state == Space.State.ENDED and space.ended_at and space.ended_at > start:
        end = space.ended_at
    url = f"{site}{space.get_absolute_url()}"
    host = _("Hosted by %(name)s (@%(handle)s)") % {
        "name": space.host.name,
        "handle": space.host.handle,
    }
    topics = ", ".join(topic.name for topic in space.topics.all())
    description = "\n".join(filter(None, [host, topics, url]))
    is_cancelled = space.state == Space.State.CANCELLED
    event = Event()
    # The same for ever, so that programs find the event again when it moves.
    event.add("uid", f"{space.public_id}@{site.rpartition('//')[2]}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", start.astimezone(UTC))
    event.add("dtend", end.astimezone(UTC))
    # Of two versions of an event programs show the one with the higher number.
    event.add("sequence", space.rev)
    event.add("summary", line(space.title))
    event.add("description", lines(description))
    event.add("url", url)
    event.add("location", url)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    return event
