"""The text of a push notification or a mail at once.

It is written when it is sent, so that it is still true then.
"""

from dataclasses import replace

from django.urls import reverse
from django.utils.text import capfirst

from accounts.extension_points import registry
from accounts.extension_points.kinds import NotificationText
from accounts.models import Delivery, Notification
from accounts.notifications import notify
from config.text import isolated

TITLE_CHARS = 100
BODY_CHARS = 200
TAG_CHARS = 64


def compose(delivery: Delivery) -> NotificationText | None:
    """Return what `delivery` says now, in the active language; None if it is no news any more."""
    kind = registry.find_kind(delivery.target_kind)
    write = kind.compose if kind and kind.compose else compose_alert
    text = write(delivery)
    if text is None:
        return None
    return replace(
        text,
        title=text.title[:TITLE_CHARS],
        body=text.body[:BODY_CHARS],
        tag=text.tag[:TAG_CHARS],
    )


def compose_alert(delivery: Delivery) -> NotificationText | None:
    """Say what the Alerts page says; None if the notification is read, taken back or hidden."""
    rows = notify.visible_rows(delivery.recipient).filter(
        kind=delivery.kind,
        read_at=None,
        actor=delivery.actor,
        target_kind=delivery.target_kind,
        target_id=delivery.target_id,
    )
    notification = rows.select_related("actor").order_by("-pk").first()
    if notification is None:
        return None
    label = str(Notification.Kind(notification.kind).label)
    actor = notification.actor
    title = f"{isolated(actor.name)} {label}" if actor else capfirst(label)
    tag = f"{notification.kind}:{delivery.target_kind}:{delivery.target_id or ''}"
    if delivery.target_id:
        thing = (delivery.target_kind, delivery.target_id)
        found = registry.describe([thing], delivery.recipient).get(thing)
        if found is None:  # Deleted, or not for this user any more.
            return None
        return NotificationText(title, found.text, found.url, tag)
    if notification.kind == Notification.Kind.FOLLOW_REQUEST:
        url = reverse("accounts:requests")
    else:
        url = actor.get_absolute_url() if actor else reverse("accounts:alerts")
    return NotificationText(title, "", url, tag)
