"""Tell people what happened, and take it back. Others call `notify`; nobody writes the table."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.extension_points import registry
from accounts.extension_points.kinds import Description
from accounts.models import Block, Mute, Notification, User
from accounts.notifications import outbox, preferences
from accounts.notifications.outbox import NotificationEvent
from accounts.realtime import page_hints
from accounts.services import muted_words


@dataclass(frozen=True)
class Alert:
    """One line of the Alerts page: the newest people who did the same thing to the same target."""

    kind: Notification.Kind
    people: tuple[User, ...]  # The newest three; the page names the first.
    more: int  # How many besides the first.
    target: Description | None
    newest: Notification
    is_new: bool


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
    wanted = set(recipients) - ({actor.pk} if actor else set())
    if actor:
        wanted -= _deaf_to(actor, wanted)
    if text and wanted:
        wanted -= muted_words.muters_of(text, wanted)
    if not wanted:
        return
    target_kind, target_id = target or ("", None)
    topic, known = preferences.topic_of(kind), preferences.of_users(wanted)
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
        outbox.enqueue(wanted, NotificationEvent(kind, actor, target), known)
    page_hints.recount(wanted, "alerts")


def _deaf_to(actor: User, ids: set[int]) -> set[int]:
    blocks = Block.objects.filter(
        Q(blocker=actor, blocked__in=ids) | Q(blocked=actor, blocker__in=ids)
    )
    pairs = blocks.values_list("blocker_id", "blocked_id")
    mutes = Mute.objects.filter(muted=actor, muter__in=ids).values_list("muter_id", flat=True)
    return {pk for pair in pairs for pk in pair} | set(mutes)


def retract(
    recipient_id: int, kind: Notification.Kind, actor: User, target: tuple[str, int] | None = None
) -> None:
    """Remove what `notify` wrote, for example when a like is taken back before it was seen."""
    target_kind, target_id = target or ("", None)
    rows = Notification.objects.filter(recipient_id=recipient_id, kind=kind, actor=actor)
    rows.filter(target_kind=target_kind, target_id=target_id).delete()
    page_hints.recount([recipient_id], "alerts")


def unread_count(viewer: User) -> int:
    return shown_to(viewer).filter(read_at=None).count()


def mark_read(viewer: User) -> None:
    if Notification.objects.filter(recipient=viewer, read_at=None).update(read_at=timezone.now()):
        page_hints.recount([viewer.pk], "alerts")


def shown_to(viewer: User) -> QuerySet[Notification]:
    """The viewer's alerts: of people who are there and not blocked or muted, of kinds that were not
    switched off.
    """
    return visible_rows(viewer).filter(is_hidden=False)


def visible_rows(viewer: User) -> QuerySet[Notification]:
    """The viewer's rows without those of people who are gone, or blocked or muted since; also the
    switched off ones.
    """
    rows = Notification.objects.filter(recipient=viewer).exclude(actor__is_active=False)
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
    page = list(rows[: limit + 1])
    more = page[limit - 1].pk if len(page) > limit else None
    page = page[:limit]
    return grouped(page, viewer), more


def grouped(rows: list[Notification], viewer: User) -> list[Alert]:
    """Return `rows`, newest first, as alerts; without those whose target is gone or hidden from the
    viewer.
    """
    described = registry.describe(
        {(row.target_kind, row.target_id) for row in rows if row.target_id}, viewer
    )
    return _grouped(_wanted(rows, described, viewer), described)


def _wanted(
    rows: list[Notification], described: dict[tuple[str, int], Description], viewer: User
) -> list[Notification]:
    """Leave out what has a word that the viewer muted since; `notify` leaves out those muted
    before.
    """
    said = {row.pk: _text_of(row, described) for row in rows if row.kind in _SAID}
    if not said:
        return rows
    hides = muted_words.mutes(viewer)
    return [row for row in rows if not hides(said.get(row.pk, ""))]


# What somebody wrote: it stands alone, and a muted word hides it. What people pressed is counted
# together.
_SAID = frozenset({"reply", "mention", "quote"})


def _text_of(row: Notification, described: dict[tuple[str, int], Description]) -> str:
    found = described.get((row.target_kind, row.target_id)) if row.target_id else None
    return found.text if found else ""


def _grouped(
    rows: list[Notification], described: dict[tuple[str, int], Description]
) -> list[Alert]:
    groups: dict[tuple[str, str, int | None, int | None], list[Notification]] = {}
    for row in rows:
        alone = row.pk if row.kind in _SAID or row.kind == "follow_request" else None
        groups.setdefault((row.kind, row.target_kind, row.target_id, alone), []).append(row)
    alerts = [_alert(group, described) for group in groups.values()]
    return [alert for alert in alerts if alert is not None]


def _alert(
    group: list[Notification], described: dict[tuple[str, int], Description]
) -> Alert | None:
    newest = group[0]
    target = described.get((newest.target_kind, newest.target_id)) if newest.target_id else None
    if newest.target_id and target is None:  # Deleted, or not for this viewer any more.
        return None
    people = [row.actor for row in group if row.actor]
    return Alert(
        kind=Notification.Kind(newest.kind),
        people=tuple(people[:3]),
        more=max(0, len(people) - 1),
        target=target,
        newest=newest,
        is_new=any(row.read_at is None for row in group),
    )
