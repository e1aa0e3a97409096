"""Feeds: which posts, in which order, where the next page begins.

Keyset pages: they cost the same at any depth.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from accounts.models import Follow, User
from accounts.services.muted_words import Predicate, mutes
from config.db import lookups  # noqa: F401  # Its lookup.
from posts.models import Bookmark, Post
from posts.models.post import PostQuerySet
from posts.services.presented_post import PresentedPost, present
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
        """Return the cursor in `raw`, or None for anything else: a mangled address shows the first
        page.
        """
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
    """`first`: where "new posts" are counted from.

    `next`: where the following page begins, None on the last.
    """

    entries: list[PresentedPost]
    first: Cursor | None
    next: Cursor | None


def home(viewer: User, after: Cursor | None = None) -> Page:
    """The viewer and whom they follow, newest first; of replies, those to people the viewer follows
    or is.
    """
    followed = _followed_by(viewer)
    shown = followed | {viewer.pk}
    posts = Post.objects.filter(author__among=shown)
    posts = posts.filter(Q(is_reply=False) | Q(reply_to__author__among=shown))
    return unmuted_page(posts.visible_to(viewer), viewer, after)


def _followed_by(viewer: User) -> frozenset[int]:
    """Their ids and not a subquery: so the database knows whether they write much or little, which
    decides whether it had better look through the newest posts of all or through all posts of
    these.
    """
    return frozenset(Follow.objects.filter(follower=viewer).values_list("followed_id", flat=True))


def new_since(viewer: User, since: Cursor) -> int:
    """Return how many posts of others the home timeline has above `since`, at most a page."""
    followed = _followed_by(viewer)
    posts = Post.objects.filter(
        author__among=followed, is_reply=False, created_at__gt=since.created_at
    )
    found = posts.visible_to(viewer).without_muted(viewer).with_people()[:PAGE]
    hides = mutes(viewer)
    return sum(1 for post in found if not hides(words_of(post)))


def of_person(person: User, viewer: User | None, after: Cursor | None = None) -> Page:
    """A profile's posts and reposts, without replies."""
    return page_of(
        Post.objects.filter(author=person, is_reply=False).visible_to(viewer), viewer, after
    )


def replies_of_person(person: User, viewer: User | None, after: Cursor | None = None) -> Page:
    return page_of(
        Post.objects.filter(author=person, is_reply=True).visible_to(viewer), viewer, after
    )


def media_of_person(person: User, viewer: User | None, after: Cursor | None = None) -> Page:
    """A person's posts with pictures or a recording, replies too."""
    posts = Post.objects.filter(Q(image_count__gt=0) | Q(voice__isnull=False), author=person)
    return page_of(posts.visible_to(viewer), viewer, after)


def liked_by(person: User, viewer: User | None, after: Cursor | None = None) -> Page:
    return page_of(Post.objects.filter(likes__user=person).visible_to(viewer), viewer, after)


def with_hashtag(name: str, viewer: User | None, after: Cursor | None = None) -> Page:
    posts = Post.objects.filter(hashtags__name=fold_tag(name)).visible_to(viewer)
    return unmuted_page(posts, viewer, after)


def public(viewer: User | None, after: Cursor | None = None) -> Page:
    """Everybody's opening posts, for Explore and for visitors."""
    posts = Post.objects.filter(
        is_reply=False, repost_of=None, author__is_protected=False
    ).visible_to(viewer)
    return unmuted_page(posts, viewer, after)


def bookmarks(viewer: User, after: Cursor | None = None) -> Page:
    kept = Bookmark.objects.filter(user=viewer).values("post")
    return page_of(Post.objects.filter(pk__in=kept).visible_to(viewer), viewer, after)


def unmuted_page(posts: PostQuerySet, viewer: User | None, after: Cursor | None) -> Page:
    """Like `page_of`, without the people and the words that the viewer muted: for what they did not
    ask for by name.
    """
    if viewer is None:
        return page_of(posts, None, after)
    return page_of(posts.without_muted(viewer), viewer, after, mutes(viewer))


def words_of(post: Post) -> str:
    """Return everything that is read of an entry: its text, and that of the post inside it."""
    shown = post.repost_of or post
    return f"{shown.text}\n{shown.quote_of.text}" if shown.quote_of else shown.text


def page_of(
    posts: PostQuerySet, viewer: User | None, after: Cursor | None, hides: Predicate | None = None
) -> Page:
    """Return a page of `posts`, newest first. What `hides` is left out of it, so it may hold fewer
    than others.

    It is never empty while there is more: a reader who muted much would take that for the end.
    """
    page = _page(posts, viewer, after, hides)
    while hides and page.next and not page.entries:
        page = _page(posts, viewer, page.next, hides)
    return page


def _page(
    posts: PostQuerySet, viewer: User | None, after: Cursor | None, hides: Predicate | None
) -> Page:
    if after:
        # Two conditions and not one OR alone: the first lets the database begin in the index.
        posts = posts.filter(created_at__lte=after.created_at)
        posts = posts.filter(Q(created_at__lt=after.created_at) | Q(id__lt=after.pk))
    rows = list(posts.newest_first().for_page(viewer)[: PAGE + 1])
    first = Cursor(rows[0].created_at, rows[0].pk) if rows else None
    last = Cursor(rows[PAGE - 1].created_at, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    read = [
        row
        for row in rows[:PAGE]
        if hides is None or row.author == viewer or not hides(words_of(row))
    ]
    return Page(present(read, viewer), first, last)
