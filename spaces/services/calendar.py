"""Spaces as iCalendar (RFC 5545): one event, a person's own feed, a host's public one.

Times are written in UTC, so no zone has to be described and every program shows the right instant.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from spaces.models import CalendarFeed, Reminder, Space, SpaceQuerySet
from spaces.models.calendar import new_secret

LINE_OCTETS = 75  # RFC 5545 §3.1.
LASTS = timedelta(hours=1)  # Nobody says how long; calendars want to know.
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


def calendar(spaces: Iterable[Space], site: str, name: str) -> bytes:
    """Return a whole calendar. `site` is the address of this instance, without a path."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Parley//Spaces//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    lines += [
        f"X-WR-CALNAME:{_escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    now = timezone.now()
    for space in spaces:
        lines += _event(space, site, now)
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(space: Space, site: str, now: datetime) -> Iterator[str]:
    start = space.scheduled_for or space.started_at or space.created_at
    url = f"{site}{space.get_absolute_url()}"
    yield "BEGIN:VEVENT"
    yield f"UID:{space.public_id}@{site.rpartition('//')[2]}"
    yield f"DTSTAMP:{_utc(now)}"
    yield f"DTSTART:{_utc(start)}"
    yield f"DTEND:{_utc(_end(space, start))}"
    yield f"SEQUENCE:{space.rev}"
    yield f"SUMMARY:{_escaped(space.title)}"
    yield f"DESCRIPTION:{_escaped(_description(space, url))}"
    yield f"URL:{url}"
    yield f"LOCATION:{url}"
    yield f"STATUS:{'CANCELLED' if space.state == Space.State.CANCELLED else 'CONFIRMED'}"
    yield "END:VEVENT"


def _end(space: Space, start: datetime) -> datetime:
    """Return when it ended, or a guess."""
    is_known = (
        space.state == Space.State.ENDED and space.ended_at is not None and space.ended_at > start
    )
    return space.ended_at if is_known and space.ended_at else start + LASTS


def _description(space: Space, url: str) -> str:
    host = _("Hosted by %(name)s (@%(handle)s)") % {
        "name": space.host.name,
        "handle": space.host.handle,
    }
    topics = ", ".join(topic.name for topic in space.topics.all())
    return "\n".join(filter(None, [host, topics, url]))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """RFC 5545 §3.3.11. Other control characters have no place in a text at all."""
    plain = "".join(char for char in text if char.isprintable() or char == "\n")
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """Return the line in UTF-8, cut where it is too long, but never inside a character."""
    parts: list[bytes] = [b""]
    for char in line:
        octets = char.encode()
        # A continuation begins with a blank, which counts.
        if len(parts[-1]) + len(octets) > LINE_OCTETS - (len(parts) > 1):
            parts.append(b"")
        parts[-1] += octets
    return b"\r\n ".join(parts) + b"\r\n"
