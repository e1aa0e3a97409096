"""The words of what is told outside of Parley's pages, written when it is sent: still true then."""

from dataclasses import replace

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.extension_points import registry
from accounts.extension_points.kinds import NotificationText
from accounts.models import Delivery, Notification
from accounts.notifications import notify

TITLE_CHARS = 100
BODY_CHARS = 200
TAG_CHARS = 64


def compose(delivery: Delivery) -> NotificationText | None:
    """Return what `delivery` says now, in the active language; None if it is no news any more."""
    kind = registry.find_kind(delivery.target_kind)
    write = kind.compose if kind and kind.compose else _compose_alert
    text = write(delivery)
    if text is None:
        return None
    return replace(
        text,
        title=text.title[:TITLE_CHARS],
        body=text.body[:BODY_CHARS],
        tag=text.tag[:TAG_CHARS],
    )


def _compose_alert(delivery: Delivery) -> NotificationText | None:
    alert = _unread(delivery)
    if alert is None:
        return None
    thing = (delivery.target_kind, delivery.target_id) if delivery.target_id else None
    found = registry.describe([thing], delivery.recipient).get(thing) if thing else None
    if thing and found is None:  # Deleted, or not for this person any more.
        return None
    label = str(Notification.Kind(alert.kind).label)
    title = f"{alert.actor.name} {label}" if alert.actor else capfirst(label)
    url = found.url if found else _place_of(alert)
    tag = f"{alert.kind}:{delivery.target_kind}:{delivery.target_id or ''}"
    return NotificationText(title, found.text if found else "", url, tag)


def _unread(delivery: Delivery) -> Notification | None:
    rows = notify.visible_rows(delivery.recipient).filter(
        kind=delivery.kind, read_at=None, actor=delivery.actor
    )
    rows = rows.filter(target_kind=delivery.target_kind, target_id=delivery.target_id)
    return rows.select_related("actor").order_by("-pk").first()


def _place_of(alert: Notification) -> str:
    if alert.kind == Notification.Kind.FOLLOW_REQUEST:
        return reverse("accounts:requests")
    return alert.actor.get_absolute_url() if alert.actor else reverse("accounts:alerts")


def summary(count: int) -> NotificationText:
    """What stands for many at once, for example in the morning."""
    return NotificationText(
        "Parley", _("%(n)d new alerts") % {"n": count}, reverse("accounts:alerts"), "summary"
    )
