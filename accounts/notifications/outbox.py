"""What is to be sent by push or e-mail, written in the transaction of what it is about.

`deliver.sweep` sends it.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.extension_points import registry
from accounts.models import Delivery, PushSubscription, User
from accounts.notifications import preferences
from accounts.notifications.preferences import (
    CLOSING,
    DEFAULT,
    MAILED_AT_ONCE,
    Preferences,
    topic_of,
)

ROWS_PER_INSERT = 500
APPLE = "https://web.push.apple.com/"
Channel = Delivery.Channel


@dataclass(frozen=True)
class NotificationEvent:
    """`actor` did `kind` to `target`, a kind of thing and its id.

    Without an actor the site itself tells of the target. Raises LookupError for a target of a kind
    that no app declares.
    """

    kind: str
    actor: User | None = None
    target: tuple[str, int] | None = None

    def __post_init__(self) -> None:
        if self.target:
            registry.require_described(self.target[0])

    def delivery_key(self) -> str:
        """Return what names the event in the outbox, where the same one is never told twice.

        What has no actor (a Space was moved) may happen again, so each time is an event of its own.
        """
        by = self.actor.pk if self.actor else uuid.uuid4().hex
        thing = f"{self.target[0]}:{self.target[1]}" if self.target else ""
        return f"{self.kind}:{by}:{thing}"


def enqueue(
    recipients: Iterable[int],
    event: NotificationEvent,
    known: Mapping[int, Preferences] | None = None,
) -> None:
    """Write a row for each way that each recipient's preferences ask for.

    `known` are the recipients' preferences, if the caller has read them already.
    """
    ids = sorted(set(recipients))
    if not ids:
        return
    wanted = preferences.of_users(ids) if known is None else known
    topic = topic_of(event.kind)
    key = event.delivery_key()
    now = timezone.now()
    rows: list[Delivery] = []
    for browser in PushSubscription.objects.filter(user__in=ids):
        chosen = wanted.get(browser.user_id, DEFAULT)
        if chosen.wants(topic, "push"):
            due_at = chosen.end_of_quiet_hours(now) or now
            rows.append(_row(Channel.PUSH, browser.user_id, event, key, due_at, browser))
    if topic in MAILED_AT_ONCE:
        # Off by default, so nobody without a row in `wanted` gets one.
        for user_id in ids:
            if user_id in wanted and wanted[user_id].wants(topic, "email"):
                rows.append(_row(Channel.EMAIL, user_id, event, key, now))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=ROWS_PER_INSERT)


def enqueue_closing(shown: QuerySet[Delivery], target: tuple[str, int] | None = None) -> None:
    """Take notices that were read from the screens of the browsers that were sent them.

    `shown` are their rows in the outbox. `target` is the conversation they are about, None for
    alerts of all kinds.
    """
    sent = shown.filter(state=Delivery.State.SENT, subscription__isnull=False)
    browsers = PushSubscription.objects.filter(pk__in=sent.values("subscription"))
    # Safari takes the permission from a site whose pushes show nothing.
    # https://developer.apple.com/documentation/usernotifications/sending-web-push-notifications
    browsers = browsers.exclude(endpoint__startswith=APPLE)
    event = NotificationEvent(CLOSING)
    now = timezone.now()
    rows = [
        Delivery(
            channel=Channel.PUSH,
            recipient_id=browser.user_id,
            subscription=browser,
            key=event.delivery_key(),
            kind=CLOSING,
            target_kind=target[0] if target else "",
            target_id=target[1] if target else None,
            due_at=now,
        )
        for browser in browsers
    ]
    if rows:
        Delivery.objects.bulk_create(rows)


def _row(
    channel: Delivery.Channel,
    recipient_id: int,
    event: NotificationEvent,
    key: str,
    due_at: datetime,
    browser: PushSubscription | None = None,
) -> Delivery:
    target_kind, target_id = event.target or ("", None)
    return Delivery(
        channel=channel,
        recipient_id=recipient_id,
        subscription=browser,
        key=key,
        kind=event.kind,
        actor=event.actor,
        target_kind=target_kind,
        target_id=target_id,
        due_at=due_at,
    )
