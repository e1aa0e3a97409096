"""Which notifications a user wants by which way, and their quiet hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.locale import zone_of
from accounts.models import Notification, NotificationPreferences, User

Way = Literal["in_app", "push", "email"]
WAYS: tuple[Way, ...] = ("in_app", "push", "email")
Kind = Notification.Kind


class NotificationTopic(TextChoices):
    """What a switch of the settings is about: kinds that one wants or does not want together."""

    MESSAGES = "messages", _("Direct messages")
    REPLIES = "replies", _("Replies to you")
    MENTIONS = "mentions", _("Mentions and quotes")
    FOLLOWS = "follows", _("Followers and requests")
    LIKES = "likes", _("Likes and reposts")
    SPACES = "spaces", _("Spaces: reminders, changes, invitations")
    NOTICES = "notices", _("Everything else")


# The kind of a direct message: it has no line among the alerts, its place is the conversation.
MESSAGE = "message"
# The kind of the daily mail's row in the outbox.
DIGEST = "digest"
# The kind of the row that takes away from a browser's screen what was read on another device.
CLOSING = "closing"
# Without a default: a kind that is forgotten here would be among the notices, whose alerts have no
# switch.
TOPICS: Mapping[str, NotificationTopic] = {
    MESSAGE: NotificationTopic.MESSAGES,
    Kind.REPLY: NotificationTopic.REPLIES,
    Kind.MENTION: NotificationTopic.MENTIONS,
    Kind.QUOTE: NotificationTopic.MENTIONS,
    Kind.FOLLOW: NotificationTopic.FOLLOWS,
    Kind.FOLLOW_REQUEST: NotificationTopic.FOLLOWS,
    Kind.FOLLOW_ACCEPTED: NotificationTopic.FOLLOWS,
    Kind.LIKE: NotificationTopic.LIKES,
    Kind.REPOST: NotificationTopic.LIKES,
    Kind.SPACE_LIVE: NotificationTopic.SPACES,
    Kind.SPACE_REMINDER: NotificationTopic.SPACES,
    Kind.SPACE_CHANGED: NotificationTopic.SPACES,
    Kind.SPACE_CANCELLED: NotificationTopic.SPACES,
    Kind.SPACE_LATE: NotificationTopic.SPACES,
    Kind.SPACE_DUE: NotificationTopic.SPACES,
    Kind.DECISION: NotificationTopic.NOTICES,
    DIGEST: NotificationTopic.NOTICES,
}

# Switches that are off until a user turns them on: likes come by the dozen, and a reminder is of
# no use in a mail that is read the next day.
_OFF_BY_DEFAULT = frozenset(
    {
        (NotificationTopic.LIKES, "push"),
        (NotificationTopic.LIKES, "email"),
        (NotificationTopic.SPACES, "email"),
        (NotificationTopic.NOTICES, "email"),
    }
)
# No switch: messages have a place of their own, and a decision of staff must always be readable.
ALWAYS_ON = frozenset(
    {(NotificationTopic.MESSAGES, "in_app"), (NotificationTopic.NOTICES, "in_app")}
)
# Mailed at once, because later they are of no use. All other topics wait for the daily mail.
MAILED_AT_ONCE = frozenset({NotificationTopic.SPACES})


def topic_of(kind: str) -> NotificationTopic:
    return TOPICS[kind]


def kinds_of(topics: Iterable[NotificationTopic]) -> set[str]:
    wanted = set(topics)
    return {kind.value for kind in Kind if topic_of(kind) in wanted}


@dataclass(frozen=True)
class Preferences:
    """The switches of one user that differ from the defaults, and the quiet hours in their zone."""

    changed: Mapping[str, bool] = field(default_factory=dict)
    quiet_from: time | None = None
    quiet_until: time | None = None
    zone: str = "UTC"

    def wants(self, topic: NotificationTopic, way: Way) -> bool:
        if (topic, way) in ALWAYS_ON:
            return True
        default = (topic, way) not in _OFF_BY_DEFAULT
        return bool(self.changed.get(_switch_name(topic, way), default))

    def wanting(self, way: Way) -> set[NotificationTopic]:
        return {topic for topic in NotificationTopic if self.wants(topic, way)}

    def end_of_quiet_hours(self, now: datetime) -> datetime | None:
        """Return when the quiet hours end that `now` lies in; None if it lies in none."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        if self.quiet_from == self.quiet_until:
            return None
        zone = zone_of(self.zone)
        local = now.astimezone(zone)
        clock = local.time()
        if self.quiet_from < self.quiet_until:
            is_quiet = self.quiet_from <= clock < self.quiet_until
        else:  # Over midnight.
            is_quiet = clock >= self.quiet_from or clock < self.quiet_until
        if not is_quiet:
            return None
        end = local.replace(
            hour=self.quiet_until.hour,
            minute=self.quiet_until.minute,
            second=0,
            microsecond=0,
            fold=0,
        )
        if clock >= self.quiet_until:
            end += timedelta(days=1)
        # By UTC, so that an end that daylight saving skips is the moment after the gap (PEP 495).
        return end.astimezone(UTC)


def _switch_name(topic: NotificationTopic, way: Way) -> str:
    return f"{topic.value}.{way}"


DEFAULT = Preferences()


def of_user(user: User) -> Preferences:
    return of_users([user.pk]).get(user.pk, DEFAULT)


def of_users(ids: Iterable[int]) -> dict[int, Preferences]:
    """Return the preferences of those of `ids` who changed any; for the rest `DEFAULT` holds."""
    rows = NotificationPreferences.objects.filter(user__in=list(ids)).select_related("user")
    return {
        row.user_id: Preferences(row.changed, row.quiet_from, row.quiet_until, row.user.time_zone)
        for row in rows.only("changed", "quiet_from", "quiet_until", "user__time_zone")
    }


def save(
    user: User,
    switches: Mapping[tuple[NotificationTopic, Way], bool],
    quiet: tuple[time, time] | None,
) -> None:
    """Store the switches and the quiet hours (from, until).

    Only what differs from the defaults is stored: a default that changes later then holds for all
    who never chose.
    """
    changed: dict[str, bool] = {}
    for (topic, way), is_on in switches.items():
        if (topic, way) not in ALWAYS_ON and is_on != DEFAULT.wants(topic, way):
            changed[_switch_name(topic, way)] = is_on
    quiet_from, quiet_until = quiet or (None, None)
    NotificationPreferences.objects.update_or_create(
        user=user,
        defaults={"changed": changed, "quiet_from": quiet_from, "quiet_until": quiet_until},
    )


def switch_off(user: User, way: Way) -> None:
    """Switch off every topic for this way: the link at the end of a mail."""
    row, _created = NotificationPreferences.objects.get_or_create(user=user)
    for topic in NotificationTopic:
        if (topic, way) not in ALWAYS_ON:
            row.changed[_switch_name(topic, way)] = False
    row.save(update_fields=["changed"])
