"""The words of what is told outside of Parley's pages. Asked when it is sent, so that it is still
true.

Other apps say how their own kinds read, in their AppConfig.ready():

    composing.register("message", chatting.compose)
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.extension_points import things
from accounts.models import Delivery, Notification
from accounts.notifications import notify

TITLE_CHARS = 100
BODY_CHARS = 200


@dataclass(frozen=True)
class Note:
    """A notice as a browser shows it.

    `url` is a path of this site; what has the same `tag` replaces the older one.
    """

    title: str
    body: str
    url: str
    tag: str


# Returns None where it is no news any more: read, taken back, or not for this person now.
Composer = Callable[[Delivery], Note | None]

_registry: dict[str, Composer] = {}


def register(kind: str, composer: Composer) -> None:
    _registry[kind] = composer


def compose(delivery: Delivery) -> Note | None:
    """Return what `delivery` says now, in the language that is active; None if it says nothing any
    more.
    """
    note = _registry.get(delivery.kind, _alert)(delivery)
    return (
        Note(note.title[:TITLE_CHARS], note.body[:BODY_CHARS], note.url, note.tag[:64])
        if note
        else None
    )


def _alert(delivery: Delivery) -> Note | None:
    alert = _unread(delivery)
    if alert is None:
        return None
    thing = (delivery.target_kind, delivery.target_id) if delivery.target_id else None
    found = things.describe([thing], delivery.recipient).get(thing) if thing else None
    if thing and found is None:  # Deleted, or not for this person any more.
        return None
    label = str(Notification.Kind(alert.kind).label)
    title = f"{alert.actor.name} {label}" if alert.actor else capfirst(label)
    url = found.url if found else _place_of(alert)
    tag = f"{alert.kind}:{delivery.target_kind}:{delivery.target_id or ''}"
    return Note(title, found.text if found else "", url, tag)


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


def summary(count: int) -> Note:
    """What stands for many at once, for example in the morning."""
    return Note(
        "Parley", _("%(n)d new alerts") % {"n": count}, reverse("accounts:alerts"), "summary"
    )
