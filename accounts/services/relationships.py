"""Follow and block: the verbs, and the questions others ask. Posts and Spaces ask here, never the tables."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from accounts.models import Block, Follow, User


def follow(actor: User, target: User) -> None:
    """Make `actor` follow `target`; nothing happens if they already do. Raises PermissionError across a block."""
    if actor.pk == target.pk or is_block_between(actor.pk, target.pk):
        raise PermissionError("This account is not available to you.")
    Follow.objects.get_or_create(follower=actor, followed=target)


def unfollow(actor: User, target: User) -> None:
    Follow.objects.filter(follower=actor, followed=target).delete()


@transaction.atomic
def block(actor: User, target: User) -> None:
    """Hide both from each other and undo follows both ways (RULES §1)."""
    Follow.objects.filter(Q(follower=actor, followed=target) | Q(follower=target, followed=actor)).delete()
    Block.objects.get_or_create(blocker=actor, blocked=target)


def unblock(actor: User, target: User) -> None:
    Block.objects.filter(blocker=actor, blocked=target).delete()


def does_follow(follower_id: int, followed_id: int) -> bool:
    return Follow.objects.filter(follower_id=follower_id, followed_id=followed_id).exists()


def is_block_between(one_id: int, other_id: int) -> bool:
    """True if either blocks the other."""
    pairs = Q(blocker_id=one_id, blocked_id=other_id) | Q(blocker_id=other_id, blocked_id=one_id)
    return Block.objects.filter(pairs).exists()


def followed_among(follower_id: int, ids: Iterable[int]) -> set[int]:
    """Return those of `ids` that `follower_id` follows."""
    rows = Follow.objects.filter(follower_id=follower_id, followed_id__in=list(ids))
    return set(rows.values_list("followed_id", flat=True))


def followers_among(followed_id: int, ids: Iterable[int]) -> set[int]:
    """Return those of `ids` that follow `followed_id`."""
    rows = Follow.objects.filter(followed_id=followed_id, follower_id__in=list(ids))
    return set(rows.values_list("follower_id", flat=True))
