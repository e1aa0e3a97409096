"""What the rules need to know of users and posts that other apps keep."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from django.db.models import Q
from django.urls import Resolver404, resolve

from accounts.models import Block, User
from accounts.services import relationships
from posts.models import Post
from spaces.models import Attendance, Pin, Space
from spaces.rooms import state
from spaces.services import presence_store

PIN_TEXT_CHARS = 280


def load(space: Space, ids: set[int]) -> dict[int, state.Person]:
    """Return those of `ids` that exist, with the facts the rules ask for.

    Presence is added by `with_presence`.
    """
    host = space.host_id
    follow_host = relationships.followers_among(host, ids)
    followed = relationships.followed_among(host, ids)
    # Of either direction: a block hides both ways (RULES §1).
    between = Q(blocker=host, blocked__in=ids) | Q(blocked=host, blocker__in=ids)
    pairs = Block.objects.filter(between).values_list("blocker_id", "blocked_id")
    blocked = {user for pair in pairs for user in pair} - {host}
    # A host has one live Space (RULES §3), so these can neither start this one nor take it over.
    live = Space.objects.live().filter(host__in=ids).exclude(pk=space.pk)
    elsewhere = set(live.values_list("host_id", flat=True))
    came = set(
        Attendance.objects.filter(space=space, user__in=ids).values_list("user_id", flat=True)
    )
    return {
        user.pk: replace(
            person(user),
            follows_host=user.pk in follow_host,
            followed_by_host=user.pk in followed,
            blocked_with_host=user.pk in blocked,
            hosts_elsewhere=user.pk in elsewhere,
            came_before=user.pk in came,
        )
        for user in User.objects.filter(pk__in=ids)
    }


def load_viewer(space: Space, viewer: int) -> state.Person | None:
    """Return a viewer with the facts that decide whether they may enter, and no more."""
    # A thousand may join within a minute: this is all that each of them costs beside the cache.
    user = User.objects.filter(pk=viewer).first()
    if user is None:
        return None
    return replace(
        person(user),
        blocked_with_host=relationships.is_block_between(viewer, space.host_id),
        came_before=Attendance.objects.filter(space=space, user=viewer).exists(),
    )


def person(user: User) -> state.Person:
    return state.Person(
        id=user.pk,
        handle=user.handle,
        name=user.name,
        avatar=user.avatar_url,
        url=user.get_absolute_url(),
        is_staff=user.is_staff,
        is_away=user.is_away,
        is_protected=user.is_protected,
    )


def with_presence(room: state.Room, ids: Iterable[int]) -> state.Room:
    """Return the room with `is_here` right for `ids`: those a command is about."""
    here = {user for user in ids if user in room.people and presence_store.is_here(room.id, user)}
    return replace(
        room,
        people={**room.people, **{user: replace(room.people[user], is_here=True) for user in here}},
    )


def pins(space: Space) -> tuple[state.Pin, ...]:
    """Return the pinned posts that are still public, the oldest first."""
    # A post may have been taken back, or its author's account protected, since it was pinned.
    rows = list(
        Pin.objects.filter(space=space, post__in=Post.objects.visible_to(None)).select_related(
            "post"
        )
    )
    hidden = _blocked_around({row.post.author_id for row in rows})
    return tuple(
        state.Pin(_pinned(row.post, hidden.get(row.post.author_id, frozenset())), row.by_id, row.pk)
        for row in rows
    )


def find_post(url: str, viewer_id: int) -> state.PinnedPost | None:
    """Return the post at an address of this site; None unless all and the viewer may see it."""
    try:
        match = resolve(urlsplit(url).path)
    except (Resolver404, ValueError):  # ValueError: `urlsplit` reads no "http://[".
        return None
    if match.view_name != "posts:post":
        return None
    viewer = User.objects.get(pk=viewer_id)
    # Both, for a viewer may see more than visitors do, and less: nothing across a block.
    post = (
        Post.objects.visible_to(None)
        .filter(pk__in=Post.objects.visible_to(viewer), **match.kwargs)
        .first()
    )
    if post is None:
        return None
    return _pinned(post, _blocked_around({post.author_id}).get(post.author_id, frozenset()))


def _pinned(post: Post, hidden_from: frozenset[int]) -> state.PinnedPost:
    return state.PinnedPost(
        post.pk, post.get_absolute_url(), post.author_id, post.text[:PIN_TEXT_CHARS], hidden_from
    )


def _blocked_around(authors: set[int]) -> dict[int, frozenset[int]]:
    """Return for each author the users across a block with them, in either direction."""
    if not authors:
        return {}
    found: dict[int, set[int]] = {author: set() for author in authors}
    rows = Block.objects.filter(Q(blocker__in=authors) | Q(blocked__in=authors))
    for blocker, blocked in rows.values_list("blocker_id", "blocked_id"):
        found.get(blocker, set()).add(blocked)
        found.get(blocked, set()).add(blocker)
    return {author: frozenset(users) for author, users in found.items()}
