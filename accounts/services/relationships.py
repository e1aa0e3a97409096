"""Follow, block and mute: the verbs, and the questions that other apps ask."""

from collections.abc import Iterable
from typing import Literal

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Block, Follow, FollowRequest, Mute, Notification, User
from accounts.models.user import UserQuerySet, not_away
from accounts.notifications.notify import notify, retract
from config.db import prepared

# What the viewer is to a person. "requested": asked to follow; "blocked": by that person.
Relation = Literal["self", "none", "requested", "following", "blocking", "blocked"]


@transaction.atomic
def follow(actor: User, target: User) -> None:
    """Make `actor` follow `target`, or ask to if `target` approves followers.

    Nothing happens if they follow already. Raises PermissionError across a block, for oneself and
    for somebody who is away.
    """
    if actor.pk == target.pk or target.is_away or is_block_between(actor.pk, target.pk):
        raise PermissionError("This account is not available to you.")
    if does_follow(actor.pk, target.pk):
        return
    if target.is_protected:
        FollowRequest.objects.get_or_create(follower=actor, followed=target)
        notify([target.pk], Notification.Kind.FOLLOW_REQUEST, actor)
        return
    # Pressed in two tabs at the same moment, the constraint lets one row through.
    Follow.objects.get_or_create(follower=actor, followed=target)
    notify([target.pk], Notification.Kind.FOLLOW, actor)


@transaction.atomic
def unfollow(actor: User, target: User) -> None:
    """Stop following, or take back the request to."""
    Follow.objects.filter(follower=actor, followed=target).delete()
    FollowRequest.objects.filter(follower=actor, followed=target).delete()
    retract(target.pk, Notification.Kind.FOLLOW, actor)
    retract(target.pk, Notification.Kind.FOLLOW_REQUEST, actor)


@transaction.atomic
def approve(actor: User, follower: User) -> None:
    """Let `follower`, who asked, follow `actor`.

    Nothing happens if the request was taken back meanwhile.
    """
    deleted, _ = FollowRequest.objects.filter(follower=follower, followed=actor).delete()
    if not deleted or is_block_between(actor.pk, follower.pk):
        return
    Follow.objects.get_or_create(follower=follower, followed=actor)
    retract(actor.pk, Notification.Kind.FOLLOW_REQUEST, follower)
    notify([follower.pk], Notification.Kind.FOLLOW_ACCEPTED, actor)


@transaction.atomic
def decline(actor: User, follower: User) -> None:
    FollowRequest.objects.filter(follower=follower, followed=actor).delete()
    retract(actor.pk, Notification.Kind.FOLLOW_REQUEST, follower)


@transaction.atomic
def approve_all(actor: User) -> None:
    """Approve all requests, for an account that stops being protected."""
    for request in FollowRequest.objects.filter(followed=actor).select_related("follower"):
        approve(actor, request.follower)


@transaction.atomic
def remove_follower(actor: User, follower: User) -> None:
    Follow.objects.filter(follower=follower, followed=actor).delete()


@transaction.atomic
def block(actor: User, target: User) -> None:
    """Hide both from each other, undo follows and requests both ways (RULES §1).

    Raises PermissionError for oneself.
    """
    if actor.pk == target.pk:
        raise PermissionError("Nobody can block themselves.")
    between = Q(follower=actor, followed=target) | Q(follower=target, followed=actor)
    Follow.objects.filter(between).delete()
    FollowRequest.objects.filter(between).delete()
    Block.objects.get_or_create(blocker=actor, blocked=target)


def unblock(actor: User, target: User) -> None:
    Block.objects.filter(blocker=actor, blocked=target).delete()


def mute(actor: User, target: User) -> None:
    """Hide `target` from `actor`'s timelines and alerts; they are not told.

    Raises PermissionError for oneself.
    """
    if actor.pk == target.pk:
        raise PermissionError("Nobody can mute themselves.")
    Mute.objects.get_or_create(muter=actor, muted=target)


def unmute(actor: User, target: User) -> None:
    Mute.objects.filter(muter=actor, muted=target).delete()


def here_or_hidden_by(viewer: User) -> UserQuerySet:
    """Return whom `viewer` may stop blocking and muting.

    That is everybody, and of those who are away whom they blocked or muted: it would hold again
    when these come back.
    """
    blocked = Block.objects.filter(blocker=viewer).values("blocked")
    muted = Mute.objects.filter(muter=viewer).values("muted")
    people: UserQuerySet = User.objects.filter(not_away() | Q(pk__in=blocked) | Q(pk__in=muted))
    return people


def relation(viewer: User | None, person: User) -> Relation:
    """Return what `viewer` is to `person`; a block wins over everything."""
    if viewer is None or not viewer.pk:
        return "none"
    if viewer.pk == person.pk:
        return "self"
    blocks = Block.objects.filter(_either_way(viewer.pk, person.pk))
    blockers = set(blocks.values_list("blocker_id", flat=True))
    if blockers:
        return "blocking" if viewer.pk in blockers else "blocked"
    return relations(viewer, [person.pk])[person.pk]


def relations(viewer: User | None, ids: Iterable[int]) -> dict[int, Relation]:
    """Return what `viewer` is to each of `ids`; two queries.

    Blocks are not asked for: the lists of people that this is for hold no person across one.
    """
    wanted = set(ids)
    found: dict[int, Relation] = dict.fromkeys(wanted, "none")
    if viewer is None or not viewer.pk:
        return found
    asked = prepared.fetch(_asked_among, viewer, frozenset(wanted))
    found.update(dict.fromkeys(asked, "requested"))
    found.update(dict.fromkeys(followed_among(viewer.pk, wanted), "following"))
    if viewer.pk in found:
        found[viewer.pk] = "self"
    return found


def _asked_among(viewer: User, ids: frozenset[int]) -> QuerySet[FollowRequest, int]:
    rows = FollowRequest.objects.filter(follower=viewer, followed__among=ids)
    return rows.values_list("followed_id", flat=True)


def does_follow(follower_id: int, followed_id: int) -> bool:
    return bool(prepared.fetch(_follow_of, follower_id, followed_id))


def _follow_of(follower: int, followed: int) -> QuerySet[Follow, int]:
    return Follow.objects.filter(follower=follower, followed=followed).values_list("pk", flat=True)


def _either_way(one_id: int, other_id: int) -> Q:
    return Q(blocker_id=one_id, blocked_id=other_id) | Q(blocker_id=other_id, blocked_id=one_id)


def is_block_between(one_id: int, other_id: int) -> bool:
    """True if either blocks the other."""
    return bool(prepared.fetch(_blocks_between, one_id, other_id))


def _blocks_between(one: int, other: int) -> QuerySet[Block, int]:
    return Block.objects.filter(_either_way(one, other)).values_list("blocker_id", flat=True)


def followed_among(follower_id: int, ids: Iterable[int]) -> set[int]:
    """Return those of `ids` that `follower_id` follows."""
    return set(prepared.fetch(_followed_among, follower_id, frozenset(ids)))


def _followed_among(follower: int, ids: frozenset[int]) -> QuerySet[Follow, int]:
    rows = Follow.objects.filter(follower=follower, followed__among=ids)
    return rows.values_list("followed_id", flat=True)


def followers_among(followed_id: int, ids: Iterable[int]) -> set[int]:
    """Return those of `ids` that follow `followed_id`."""
    rows = Follow.objects.filter(followed_id=followed_id, follower_id__in=list(ids))
    return set(rows.values_list("follower_id", flat=True))
