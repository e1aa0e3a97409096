"""Write notifications, take them back, and read them as alerts.

Other apps call `notify`; no other module writes the table.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from accounts.extension_points import registry
from accounts.extension_points.kinds import Description
from accounts.models import Block, Delivery, Mute, Notification, User
from accounts.models.user import not_away
from accounts.notifications import outbox, preferences
from accounts.notifications.outbox import NotificationEvent
from accounts.realtime import page_hints
from accounts.realtime.news import CountedFrom, News
from accounts.services import muted_words
from config.db import prepared
from config.db.counting import count_of
from config.http import request_cache

Kind = Notification.Kind
Descriptions = Mapping[tuple[str, int], Description]

# What a person wrote: it stands alone, and a muted word hides it. Of what people only press, those
# who did the same are counted together.
WRITTEN = frozenset({Kind.REPLY, Kind.MENTION, Kind.QUOTE})
# Each of these is a line of its own; a request has buttons, too.
UNGROUPED = WRITTEN | {Kind.FOLLOW_REQUEST}


@dataclass(frozen=True)
class Alert:
    """One line of the Alerts page: the newest people who did the same thing to the same target."""

    kind: Notification.Kind
    people: tuple[User, ...]  # The newest three; the page names the first.
    more: int  # How many besides the first.
    target: Description | None
    newest: Notification
    is_new: bool

    @classmethod
    def of(cls, rows: list[Notification], target: Description | None) -> Self:
        """Make one alert of rows of the same kind and target, newest first."""
        people = [row.actor for row in rows if row.actor]
        return cls(
            kind=Kind(rows[0].kind),
            people=tuple(people[:3]),
            more=max(0, len(people) - 1),
            target=target,
            newest=rows[0],
            is_new=any(row.read_at is None for row in rows),
        )


def notify(
    recipients: Iterable[int],
    kind: Notification.Kind,
    actor: User | None = None,
    target: tuple[str, int] | None = None,
    text: str = "",
) -> None:
    """Write one row for each of `recipients`, once for the same actor, kind and target.

    Leaves out the actor, people who block or mute them or are blocked by them (RULES §1: mute is
    silent), and those who muted a word of `text`, what the target says.
    """
    wanted = set(recipients)
    if actor:
        wanted.discard(actor.pk)
        wanted -= _separated_from(actor, wanted)
    if text and wanted:
        wanted -= muted_words.muters_of(text, wanted)
    if not wanted:
        return
    event = NotificationEvent(kind, actor, target)
    target_kind, target_id = target or ("", None)
    topic = preferences.topic_of(kind)
    known = preferences.of_users(wanted)
    rows = [
        Notification(
            recipient_id=pk,
            actor=actor,
            kind=kind,
            target_kind=target_kind,
            target_id=target_id,
            is_hidden=not known.get(pk, preferences.DEFAULT).wants(topic, "in_app"),
        )
        for pk in wanted
    ]
    with transaction.atomic():
        Notification.objects.bulk_create(rows, ignore_conflicts=True)
        outbox.enqueue(wanted, event, known)
    page_hints.recount(wanted, "alerts")


def _separated_from(actor: User, ids: set[int]) -> set[int]:
    """Return the ids across a block with `actor`, and those that mute them.

    The first may hold the actor's id, too.
    """
    blocks = Block.objects.filter(
        Q(blocker=actor, blocked__in=ids) | Q(blocked=actor, blocker__in=ids)
    )
    found: set[int] = set()
    for pair in blocks.values_list("blocker_id", "blocked_id"):
        found.update(pair)
    found.update(Mute.objects.filter(muted=actor, muter__in=ids).values_list("muter_id", flat=True))
    return found


def retract(
    recipient_id: int, kind: Notification.Kind, actor: User, target: tuple[str, int] | None = None
) -> None:
    """Remove what `notify` wrote, for example when a like is taken back before it was seen."""
    target_kind, target_id = target or ("", None)
    Notification.objects.filter(
        recipient_id=recipient_id,
        kind=kind,
        actor=actor,
        target_kind=target_kind,
        target_id=target_id,
    ).delete()
    page_hints.recount([recipient_id], "alerts")


def unread_count(viewer: User) -> int:
    return prepared.fetch(unread, viewer)[0]


def unread(viewer: User) -> QuerySet[Notification, int]:
    return count_of(shown_to(viewer).filter(read_at=None))


def unread_on_page(viewer: User) -> int:
    """Return what `unread_count` does, counted once a request."""
    return request_cache.once(f"accounts.unread:{viewer.pk}", lambda: unread_count(viewer))


def note_unread(viewer: User, count: int) -> None:
    """Have `unread_on_page` return what somebody has counted along with something else."""
    request_cache.once(f"accounts.unread:{viewer.pk}", lambda: count)


def recent_news(users: Collection[int], since: datetime) -> Iterator[News]:
    """Yield what the numbers of `users` are made of: how many are unread, and the newest."""
    # Of now and not since a time: what was taken back is not there any more.
    unread = Notification.objects.filter(recipient__in=users, read_at=None)
    of_each = unread.values_list("recipient_id").annotate(Count("pk"), Max("pk")).order_by()
    made_of = {user: (count, newest) for user, count, newest in of_each}
    for user in users:
        yield user, CountedFrom("alerts", made_of.get(user))


@transaction.atomic
def mark_read(viewer: User) -> None:
    unread = Notification.objects.filter(recipient=viewer, read_at=None)
    oldest = unread.aggregate(oldest=Min("created_at"))["oldest"]
    if oldest is None:
        return
    unread.update(read_at=timezone.now())
    page_hints.recount([viewer.pk], "alerts")
    pushed = Delivery.objects.filter(recipient=viewer, created_at__gte=oldest)
    outbox.enqueue_closing(pushed.exclude(kind__in=[preferences.MESSAGE, preferences.CLOSING]))


def shown_to(viewer: User) -> QuerySet[Notification]:
    """Return the rows of the viewer's Alerts page: visible ones, of topics not switched off."""
    return visible_rows(viewer).filter(is_hidden=False)


def visible_rows(viewer: User) -> QuerySet[Notification]:
    """Return the viewer's rows, also those of topics that are switched off.

    Without those of people who are away, or were blocked or muted after the row was written.
    """
    rows = Notification.objects.filter(Q(actor=None) | not_away("actor"), recipient=viewer)
    rows = rows.exclude(actor__in=Block.objects.filter(blocker=viewer).values("blocked"))
    rows = rows.exclude(actor__in=Block.objects.filter(blocked=viewer).values("blocker"))
    return rows.exclude(actor__in=Mute.objects.filter(muter=viewer).values("muted"))


def alerts_for(
    viewer: User, before: int | None = None, limit: int = 60
) -> tuple[list[Alert], int | None]:
    """Return a page of alerts, newest first, and the id to continue before (None at the end).

    Rows of the same kind about the same target on one page become one alert ("Ayu and 4 others
    liked your post").
    """
    rows = shown_to(viewer).select_related("actor").order_by("-id")
    if before:
        rows = rows.filter(id__lt=before)
    found = list(rows[: limit + 1])
    page = found[:limit]
    next_before = page[-1].pk if len(found) > limit else None
    return grouped(page, viewer), next_before


def grouped(rows: list[Notification], viewer: User) -> list[Alert]:
    """Return `rows`, newest first, as alerts.

    Without those whose target is gone or hidden from the viewer, and without those whose words the
    viewer has muted since (`notify` leaves out what was muted before).
    """
    things = {(row.target_kind, row.target_id) for row in rows if row.target_id}
    described = registry.describe(things, viewer)
    written = [row for row in rows if row.kind in WRITTEN]
    # Asked for only where it may hide something: most pages of alerts are likes and follows.
    is_muted = muted_words.mutes(viewer) if written else None
    groups: dict[tuple[object, ...], list[Notification]] = {}
    for row in rows:
        target = _target_of(row, described)
        if is_muted and row.kind in WRITTEN and is_muted(target.text if target else ""):
            continue
        own_id = row.pk if row.kind in UNGROUPED else None
        key = (row.kind, row.target_kind, row.target_id, own_id)
        groups.setdefault(key, []).append(row)
    return [
        Alert.of(group, _target_of(group[0], described))
        for group in groups.values()
        # Else the target is deleted, or not for this viewer any more.
        if not group[0].target_id or _target_of(group[0], described)
    ]


def _target_of(row: Notification, described: Descriptions) -> Description | None:
    return described.get((row.target_kind, row.target_id)) if row.target_id else None
