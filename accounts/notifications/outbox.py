"""What is to be told outside of the pages, written in the transaction of what it tells
(delivering.py sends it).
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.extension_points import registry
from accounts.models import Delivery, PushSubscription, User
from accounts.notifications import preferences
from accounts.notifications.preferences import AT_ONCE, DEFAULT, Preferences, topic_of

WRITTEN_AT_ONCE = 500
Channel = Delivery.Channel


@dataclass(frozen=True)
class NotificationEvent:
    """What happened:

    `actor` did `kind` to `target`; without an actor, Parley itself tells of the target.
    """

    kind: str
    actor: User | None = None
    target: tuple[str, int] | None = None

    def __post_init__(self) -> None:
        if self.target:
            registry.require_described(self.target[0])


def enqueue(
    recipients: Iterable[int],
    event: NotificationEvent,
    known: Mapping[int, Preferences] | None = None,
) -> None:
    """Write what the recipients' switches ask for.

    `known` are their wishes, if somebody has asked already.
    """
    ids = sorted(set(recipients))
    if not ids:
        return
    wanted = preferences.of_users(ids) if known is None else known
    now, topic, key = timezone.now(), topic_of(event.kind), _key(event)
    rows: list[Delivery] = []
    for browser in PushSubscription.objects.filter(user__in=ids):
        wish = wanted.get(browser.user_id, DEFAULT)
        if wish.wants(topic, "push"):
            due_at = wish.quiet_until_when(now) or now
            rows.append(_row(Channel.PUSH, browser.user_id, event, key, due_at, browser))
    if topic in AT_ONCE:
        mailed = [pk for pk, wish in wanted.items() if pk in ids and wish.wants(topic, "email")]
        rows += [_row(Channel.EMAIL, pk, event, key, now) for pk in mailed]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=WRITTEN_AT_ONCE)


def _key(event: NotificationEvent) -> str:
    """Name the event.

    What nobody did (a Space was moved) may happen again, so each time is an event of its own.
    """
    thing = f"{event.target[0]}:{event.target[1]}" if event.target else ""
    return f"{event.kind}:{event.actor.pk if event.actor else uuid.uuid4().hex}:{thing}"


def _row(
    channel: Delivery.Channel,
    recipient: int,
    event: NotificationEvent,
    key: str,
    due_at: datetime,
    browser: PushSubscription | None = None,
) -> Delivery:
    target_kind, target_id = event.target or ("", None)
    return Delivery(
        channel=channel,
        recipient_id=recipient,
        subscription=browser,
        key=key,
        kind=event.kind,
        actor=event.actor,
        target_kind=target_kind,
        target_id=target_id,
        due_at=due_at,
    )
