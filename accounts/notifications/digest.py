"""The daily letter: what somebody has not seen on the site. Nothing unread, no letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import ngettext

from accounts.models import Delivery, Notification, NotificationPreferences, User
from accounts.notifications import email, notify, preferences
from accounts.notifications.notify import Alert
from accounts.notifications.preferences import AT_ONCE, Topic
from accounts.realtime import page_hints

HOUR = 8  # In the morning, where the person is.
# A worker that was down catches up until then; later the next morning will do.
WINDOW = timedelta(hours=4)
LOOK_BACK = timedelta(days=7)
LINES = 20


@dataclass(frozen=True)
class DigestLine:
    """One alert in the letter."""

    title: str
    text: str
    url: str


def plan(now: datetime) -> int:
    """Put a letter into the outbox for everybody whose morning it is and who missed something;
    returns how many.

    May run at any time and twice: there is one letter a person and day.
    """
    rows: list[Delivery] = []
    for person in _candidates(now):
        local = now.astimezone(preferences.zone_of(person.time_zone))
        morning = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
        if morning <= local < morning + WINDOW and _unread(person, morning).exists():
            key = f"digest:{local.date().isoformat()}"
            rows.append(
                Delivery(
                    recipient=person,
                    channel=Delivery.Channel.DIGEST,
                    key=key,
                    kind="digest",
                    due_at=now,
                )
            )
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _candidates(now: datetime) -> Iterator[User]:
    """People with a proved address and something unread, without a letter in the last hours."""
    unread = Notification.objects.filter(
        recipient=OuterRef("pk"), read_at=None, created_at__gte=now - LOOK_BACK
    )
    proved = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    letters = Delivery.objects.filter(recipient=OuterRef("pk"), channel=Delivery.Channel.DIGEST)
    recent = letters.filter(created_at__gte=now - WINDOW * 3)
    people = User.objects.filter(Exists(unread), Exists(proved), ~Exists(recent), is_active=True)
    found: Iterator[User] = people.order_by("pk").iterator(chunk_size=500)
    return found


def _unread(person: User, until: datetime) -> QuerySet[Notification]:
    """What the letter tells: wanted by e-mail, not seen, not told before, and not newer than the
    morning.
    """
    wish = preferences.of_user(person)
    told = (
        NotificationPreferences.objects.filter(user=person)
        .values_list("digested_up_to", flat=True)
        .first()
        or 0
    )
    rows = notify.visible_rows(person).filter(read_at=None, pk__gt=told)
    kinds = preferences.kinds_of(wish.wanting("email") - AT_ONCE)
    return rows.filter(created_at__gte=until - LOOK_BACK, created_at__lt=until, kind__in=kinds)


def send(delivery: Delivery, now: datetime) -> bool:
    """Write and send the letter.

    False if all has been read meanwhile, or what it was about is gone.
    """
    person = delivery.recipient
    with timezone.override(preferences.zone_of(person.time_zone)):
        rows = list(_unread(person, now).select_related("actor").order_by("-pk")[: LINES * 5])
        alerts = notify.grouped(rows, person)
        if not alerts:
            return False
        lines = [_line(alert) for alert in alerts[:LINES]]
        letters = (
            page_hints.count_of(person, "messages")
            if preferences.of_user(person).wants(Topic.MESSAGES, "email")
            else 0
        )
        words = {"lines": lines, "more": len(alerts) - len(lines), "letters": letters}
        subject = ngettext("%(n)d thing you missed", "%(n)d things you missed", len(alerts)) % {
            "n": len(alerts)
        }
        email.send(delivery, subject, "accounts/mail/digest", words)
    NotificationPreferences.objects.update_or_create(
        user=person, defaults={"digested_up_to": rows[0].pk}
    )
    return True


def _line(alert: Alert) -> DigestLine:
    label, first = str(alert.kind.label), alert.people[0] if alert.people else None
    if first is None:
        title = capfirst(label)
    elif alert.more:
        others = ngettext("%(name)s and %(n)d other", "%(name)s and %(n)d others", alert.more)
        title = f"{others % {'name': first.name, 'n': alert.more}} {label}"
    else:
        title = f"{first.name} {label}"
    path = (
        alert.target.url
        if alert.target
        else first.get_absolute_url()
        if first
        else reverse("accounts:alerts")
    )
    return DigestLine(title, alert.target.text if alert.target else "", email.site() + path)
