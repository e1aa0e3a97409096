"""Feeds: which posts, in which order, where the next page begins. Keyset pages: they cost the same at any depth."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from accounts.models import Follow, User
from posts.models import Bookmark, Post
from posts.models.post import PostQuerySet
from posts.services.presenting import PostView, present
from posts.text import fold_tag

PAGE = 20


@dataclass(frozen=True)
class Cursor:
    """The last post of a page; the next page begins after it. On the wire: `<ISO time>_<id>`."""

    created_at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.created_at.isoformat()}_{self.pk}"

    @classmethod
    def parse(cls, raw: str) -> "Cursor | None":
        """Return the cursor in `raw`, or None for anything else: a mangled address shows the first page."""
        time, _, number = raw.partition("_")
        try:
            created_at = parse_datetime(time)
            pk = int(number)
        except ValueError:
            return None
        if created_at is None or created_at.tzinfo is None or not 0 < pk < 2**63:
            return None
        return cls(created_at, pk)


@dataclass(frozen=True)
class Page:
    """`first`: where "new posts" are counted from. `next`: where the following page begins, None on the last."""

    entries: list[PostView]
    first: Cursor | None
    next: Cursor | None


def home(viewer: User, after: Cursor | None = None) -> Page:
    """The viewer and whom they follow, newest first; of replies, those to people the viewer follows or is."""
    followed = Follow.objects.filter(follower=viewer).values("followed")
    posts = Post.objects.filter(Q(author=viewer) | Q(author__in=followed))
    posts = posts.filter(Q(is_reply=False) | Q(reply_to__author__in=followed) | Q(reply_to__author=viewer))
    return page_of(posts.visible_to(viewer).without_muted(viewer), viewer, after)


def new_since(viewer: User, since: Cursor) -> int:
    """Return how many posts of others the home timeline has above `since`, at most a page."""
    followed = Follow.objects.filter(follower=viewer).values("followed")
    posts = Post.objects.filter(author__in=followed, is_reply=False, created_at__gt=since.created_at)
    return posts.visible_to(viewer).without_muted(viewer)[:PAGE].count()


def of_person(person: User, viewer: User | None, after: Cursor | None = None) -> Page:
    """A profile's posts and reposts, without replies."""
    return page_of(Post.objects.filter(author=person, is_reply=False).visible_to(viewer), viewer, after)


def replies_of_person(person: User, viewer: User | None, after: Cursor | None = None) -> Page:
    return page_of(Post.objects.filter(author=person, is_reply=True).visible_to(viewer), viewer, after)


def pictures_of_person(person: User, viewer: User | None, after: Cursor | None = None) -> Page:
    return page_of(Post.objects.filter(author=person, image_count__gt=0).visible_to(viewer), viewer, after)


def liked_by(person: User, viewer: User | None, after: Cursor | None = None) -> Page:
    return page_of(Post.objects.filter(likes__user=person).visible_to(viewer), viewer, after)


def with_hashtag(name: str, viewer: User | None, after: Cursor | None = None) -> Page:
    posts = Post.objects.filter(hashtags__name=fold_tag(name)).visible_to(viewer)
    return page_of(_unmuted(posts, viewer), viewer, after)


def public(viewer: User | None, after: Cursor | None = None) -> Page:
    """Everybody's opening posts, for Explore and for visitors."""
    posts = Post.objects.filter(is_reply=False, repost_of=None, author__is_protected=False).visible_to(viewer)
    return page_of(_unmuted(posts, viewer), viewer, after)


def bookmarks(viewer: User, after: Cursor | None = None) -> Page:
    kept = Bookmark.objects.filter(user=viewer).values("post")
    return page_of(Post.objects.filter(pk__in=kept).visible_to(viewer), viewer, after)


def _unmuted(posts: PostQuerySet, viewer: User | None) -> PostQuerySet:
    return posts.without_muted(viewer) if viewer else posts


def page_of(posts: PostQuerySet, viewer: User | None, after: Cursor | None) -> Page:
    if after:
        # Two conditions and not one OR alone: the first lets the database begin in the index.
        posts = posts.filter(created_at__lte=after.created_at)
        posts = posts.filter(Q(created_at__lt=after.created_at) | Q(id__lt=after.pk))
    rows = list(posts.newest_first().for_page(viewer)[: PAGE + 1])
    first = Cursor(rows[0].created_at, rows[0].pk) if rows else None
    last = Cursor(rows[PAGE - 1].created_at, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return Page(present(rows[:PAGE], viewer), first, last)
