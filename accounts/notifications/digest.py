"""The daily mail of what a user has not seen on the site. Nothing unread, no mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import ngettext

from accounts.locale import zone_of
from accounts.models import Delivery, Notification, NotificationPreferences, User
from accounts.notifications import email, notify, preferences
from accounts.notifications.notify import Alert
from accounts.notifications.preferences import MAILED_AT_ONCE, NotificationTopic
from accounts.realtime import page_hints
from config.text import isolated

HOUR = 8  # In the user's zone.
# A worker that was down catches up until then; after that the next morning will do.
WINDOW = timedelta(hours=4)
LOOK_BACK = timedelta(days=7)
LINES = 20
ROWS_PER_LINE = 5  # Rows are grouped; enough of them to fill the lines of most mails.


@dataclass(frozen=True)
class DigestLine:
    """One alert in the mail."""

    title: str
    text: str
    url: str

    @classmethod
    def of(cls, alert: Alert) -> Self:
        label = str(alert.kind.label)
        actor = alert.people[0] if alert.people else None
        if actor is None:
            title = capfirst(label)
        elif alert.more:
            others = ngettext("%(name)s and %(n)d other", "%(name)s and %(n)d others", alert.more)
            title = f"{others % {'name': isolated(actor.name), 'n': alert.more}} {label}"
        else:
            title = f"{isolated(actor.name)} {label}"
        if alert.target:
            return cls(title, alert.target.text, email.site() + alert.target.url)
        path = actor.get_absolute_url() if actor else reverse("accounts:alerts")
        return cls(title, "", email.site() + path)


def plan(now: datetime) -> int:
    """Put a mail into the outbox for each user whose morning it is and who missed something.

    Returns how many. May run at any time and twice: there is one mail a user and day.
    """
    rows: list[Delivery] = []
    unread = Notification.objects.filter(
        recipient=OuterRef("pk"), read_at=None, created_at__gte=now - LOOK_BACK
    )
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    mails = Delivery.objects.filter(recipient=OuterRef("pk"), channel=Delivery.Channel.DIGEST)
    recent = mails.filter(created_at__gte=now - WINDOW * 3)
    present = User.objects.not_away()
    users = present.filter(Exists(unread), Exists(verified), ~Exists(recent))
    # Read piece by piece: whose morning it is shows only row by row.
    for user in users.order_by("pk").iterator(chunk_size=500):
        local = now.astimezone(zone_of(user.time_zone))
        morning = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
        if morning <= local < morning + WINDOW and _unread(user, morning).exists():
            rows.append(
                Delivery(
                    recipient=user,
                    channel=Delivery.Channel.DIGEST,
                    key=f"digest:{local.date().isoformat()}",
                    kind=preferences.DIGEST,
                    due_at=now,
                )
            )
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _unread(user: User, until: datetime) -> QuerySet[Notification]:
    """Return what the mail tells: wanted by mail, unread, not mailed before, older than `until`."""
    row = NotificationPreferences.objects.filter(user=user).first()
    mailed_up_to = row.digested_up_to if row else 0
    topics = preferences.of_user(user).wanting("email") - MAILED_AT_ONCE
    return notify.visible_rows(user).filter(
        read_at=None,
        pk__gt=mailed_up_to,
        created_at__gte=until - LOOK_BACK,
        created_at__lt=until,
        kind__in=preferences.kinds_of(topics),
    )


def send(delivery: Delivery, now: datetime) -> bool:
    """Write and send the mail, in the active language and zone.

    False if all has been read meanwhile, or its targets are gone.
    """
    user = delivery.recipient
    unread = _unread(user, now).select_related("actor").order_by("-pk")
    rows = list(unread[: LINES * ROWS_PER_LINE])
    alerts = notify.grouped(rows, user)
    if not alerts:
        return False
    lines = [DigestLine.of(alert) for alert in alerts[:LINES]]
    wants_messages = preferences.of_user(user).wants(NotificationTopic.MESSAGES, "email")
    context = {
        "lines": lines,
        "more": len(alerts) - len(lines),
        "letters": page_hints.count_of(user, "messages") if wants_messages else 0,
    }
    subject = ngettext("%(n)d thing you missed", "%(n)d things you missed", len(alerts))
    email.send(delivery, subject % {"n": len(alerts)}, "accounts/mail/digest", context)
    NotificationPreferences.objects.update_or_create(
        user=user, defaults={"digested_up_to": rows[0].pk}
    )
    return True
