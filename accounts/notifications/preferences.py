"""By which ways somebody wants to hear of what, and when not: the switches and the quiet hours of
the settings.
"""

import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Notification, NotificationPreferences, User

Way = Literal["in_app", "push", "email"]
WAYS: tuple[Way, ...] = ("in_app", "push", "email")
Kind = Notification.Kind


class Topic(TextChoices):
    """What people switch: kinds that one wants or does not want together."""

    MESSAGES = "messages", _("Direct messages")
    REPLIES = "replies", _("Replies to you")
    MENTIONS = "mentions", _("Mentions and quotes")
    FOLLOWS = "follows", _("Followers and requests")
    LIKES = "likes", _("Likes and reposts")
    SPACES = "spaces", _("Spaces: reminders, changes, invitations")
    NOTICES = "notices", _("Everything else")


# The kind of a direct message: it has no line among the alerts, its place is the conversation.
MESSAGE = "message"
_TOPICS: Mapping[str, Topic] = {
    MESSAGE: Topic.MESSAGES,
    Kind.REPLY: Topic.REPLIES,
    Kind.MENTION: Topic.MENTIONS,
    Kind.QUOTE: Topic.MENTIONS,
    Kind.FOLLOW: Topic.FOLLOWS,
    Kind.FOLLOW_REQUEST: Topic.FOLLOWS,
    Kind.FOLLOW_ACCEPTED: Topic.FOLLOWS,
    Kind.LIKE: Topic.LIKES,
    Kind.REPOST: Topic.LIKES,
    **{kind: Topic.SPACES for kind in Kind if kind.value.startswith("space_")},
}

# Where a switch stands that nobody touched. What comes by the dozen does not ring; reminders come
# by mail for who asks.
_OFF = frozenset(
    {
        (Topic.LIKES, "push"),
        (Topic.LIKES, "email"),
        (Topic.SPACES, "email"),
        (Topic.NOTICES, "email"),
    }
)
# Fixed: messages have a place of their own, and what staff decided is always there to be read.
FIXED = frozenset({(Topic.MESSAGES, "in_app"), (Topic.NOTICES, "in_app")})
# An e-mail about these is of use only at once; all others wait for the daily one.
AT_ONCE = frozenset({Topic.SPACES})


def topic_of(kind: str) -> Topic:
    return _TOPICS.get(kind, Topic.NOTICES)


def kinds_of(topics: Iterable[Topic]) -> set[str]:
    wanted = set(topics)
    return {kind.value for kind in Kind if topic_of(kind) in wanted}


@dataclass(frozen=True)
class Preferences:
    """The switches of one person, their quiet hours, and the zone these are in."""

    changed: Mapping[str, bool] = field(default_factory=dict)
    quiet_from: time | None = None
    quiet_until: time | None = None
    zone: str = "UTC"

    def wants(self, topic: Topic, way: Way) -> bool:
        if (topic, way) in FIXED:
            return True
        return bool(self.changed.get(f"{topic.value}.{way}", (topic, way) not in _OFF))

    def wanting(self, way: Way) -> set[Topic]:
        return {topic for topic in Topic if self.wants(topic, way)}

    def quiet_until_when(self, now: datetime) -> datetime | None:
        """Return when the quiet hours end that `now` lies in, or None if it lies in none."""
        if (
            self.quiet_from is None
            or self.quiet_until is None
            or self.quiet_from == self.quiet_until
        ):
            return None
        local = now.astimezone(zone_of(self.zone))
        clock = local.time()
        if self.quiet_from < self.quiet_until:
            is_quiet = self.quiet_from <= clock < self.quiet_until
        else:
            is_quiet = clock >= self.quiet_from or clock < self.quiet_until
        if not is_quiet:
            return None
        day = local.date() + timedelta(days=1 if clock >= self.quiet_until else 0)
        return _at(day.year, day.month, day.day, self.quiet_until, zone_of(self.zone))


def _at(year: int, month: int, day: int, clock: time, zone: zoneinfo.ZoneInfo) -> datetime:
    """The moment a wall clock shows `clock`; where DST skips it, the moment after the gap (PEP
    495).
    """
    wall = datetime(year, month, day, clock.hour, clock.minute, tzinfo=zone)
    return wall.astimezone(zoneinfo.ZoneInfo("UTC"))


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Return the zone, or UTC for one that this machine does not know."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


DEFAULT = Preferences()


def of_user(person: User) -> Preferences:
    return of_users([person.pk]).get(person.pk, DEFAULT)


def of_users(ids: Iterable[int]) -> dict[int, Preferences]:
    """Return the wishes of those of `ids` who have said any; for the rest `DEFAULT` holds."""
    rows = NotificationPreferences.objects.filter(user__in=list(ids)).select_related("user")
    return {
        row.user_id: Preferences(row.changed, row.quiet_from, row.quiet_until, row.user.time_zone)
        for row in rows.only("changed", "quiet_from", "quiet_until", "user__time_zone")
    }


def save(
    person: User, switches: Mapping[tuple[Topic, Way], bool], quiet: tuple[time, time] | None
) -> None:
    """Store what differs from the defaults, so that a default that changes later holds for who
    never chose.
    """
    changed = {
        f"{topic.value}.{way}": is_on
        for (topic, way), is_on in switches.items()
        if (topic, way) not in FIXED and is_on != DEFAULT.wants(topic, way)
    }
    quiet_from, quiet_until = quiet or (None, None)
    NotificationPreferences.objects.update_or_create(
        user=person,
        defaults={"changed": changed, "quiet_from": quiet_from, "quiet_until": quiet_until},
    )


def switch_off(person: User, way: Way) -> None:
    """Every topic at once, for the link at the end of an e-mail."""
    settings, _created = NotificationPreferences.objects.get_or_create(user=person)
    for topic in Topic:
        if (topic, way) not in FIXED:
            settings.changed[f"{topic.value}.{way}"] = False
    settings.save(update_fields=["changed"])
