"""Feeds: which posts, in which order, where the next page begins.

Keyset pages: they cost the same at any depth.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F, Q

from accounts.models import Follow, User
from accounts.services.muted_words import Predicate, mutes
from config import cursors
from config.db import lookups  # noqa: F401  # Its lookup.
from config.hashtags import fold_tag
from posts.models import Post
from posts.models.post import PostQuerySet
from posts.services.presented_post import PresentedPost, present

PAGE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """The last post of a page; the next page begins after it.

    `time` is when it was posted; in a list that a user made, when they put it there.
    """

    time: datetime
    pk: int

    def __str__(self) -> str:
        return cursors.encode((self.time - _EPOCH) // timedelta(microseconds=1), self.pk)

    @classmethod
    def parse(cls, raw: str) -> "Cursor | None":
        """Return the cursor in `raw`; None, which is the first page, for an empty one.

        Raises BadCursor for anything else.
        """
        if not raw:
            return None
        microseconds, pk = cursors.decode(raw, 2)
        try:
            return cls(_EPOCH + timedelta(microseconds=microseconds), pk)
        except OverflowError:  # Beyond the year 9999.
            raise cursors.BadCursor from None


@dataclass(frozen=True)
class Order:
    """Newest first by two columns of the posts; the second decides between equal times."""

    time: str
    pk: str

    def cursor_of(self, post: Post) -> Cursor:
        return Cursor(getattr(post, self.time), getattr(post, self.pk))

    def after(self, posts: PostQuerySet, cursor: Cursor | None) -> PostQuerySet:
        posts = posts.order_by(f"-{self.time}", f"-{self.pk}")
        if cursor is None:
            return posts
        # Two conditions and not one OR alone: the first lets the database begin in the index.
        posts = posts.filter(**{f"{self.time}__lte": cursor.time})
        is_earlier = Q(**{f"{self.time}__lt": cursor.time})
        return posts.filter(is_earlier | Q(**{f"{self.pk}__lt": cursor.pk}))


POSTED = Order("created_at", "id")
MARKED = Order("marked_at", "mark_id")  # Likes and bookmarks.


@dataclass(frozen=True)
class TimelinePage:
    """`first`: where "new posts" are counted from.

    `next`: where the following page begins, None on the last.
    """

    entries: list[PresentedPost]
    first: Cursor | None
    next: Cursor | None


def home(viewer: User, after: Cursor | None = None) -> TimelinePage:
    """Return posts of the viewer and of followed users, newest first.

    Of replies only those to the viewer and to followed users.
    """
    shown = _followed_by(viewer) | {viewer.pk}
    posts = Post.objects.filter(author__among=shown)
    posts = posts.filter(Q(is_reply=False) | Q(reply_to__author__among=shown))
    return unmuted_page(posts.visible_to(viewer), viewer, after)


def _followed_by(viewer: User) -> frozenset[int]:
    """Return the ids of followed users, for `author__among`.

    Not a subquery: only with the ids at hand does the database know whether these write much or
    little, so whether to look through the newest posts of all or through all posts of these.
    """
    return frozenset(Follow.objects.filter(follower=viewer).values_list("followed_id", flat=True))


def new_since(viewer: User, since: Cursor) -> int:
    """Return how many posts of others the home timeline has above `since`, at most a page."""
    posts = Post.objects.filter(
        author__among=_followed_by(viewer), is_reply=False, created_at__gt=since.time
    )
    # With people, because `text_of` reads reposted and quoted posts.
    found = posts.visible_to(viewer).without_muted(viewer).with_people()[:PAGE]
    hides = mutes(viewer)
    return sum(1 for post in found if not hides(text_of(post)))


def of_person(person: User, viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    """Return posts and reposts for a profile, without replies."""
    posts = Post.objects.filter(author=person, is_reply=False)
    return page_of(posts.visible_to(viewer), viewer, after)


def replies_of_person(
    person: User, viewer: User | None, after: Cursor | None = None
) -> TimelinePage:
    posts = Post.objects.filter(author=person, is_reply=True)
    return page_of(posts.visible_to(viewer), viewer, after)


def media_of_person(person: User, viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    """Return a person's posts with pictures or a recording, replies too."""
    posts = Post.objects.filter(Q(image_count__gt=0) | Q(voice__isnull=False), author=person)
    return page_of(posts.visible_to(viewer), viewer, after)


def liked_by(person: User, viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    """Return what a person likes, the last liked first."""
    liked = Post.objects.filter(likes__user=person)
    liked = liked.annotate(marked_at=F("likes__created_at"), mark_id=F("likes__pk"))
    return page_of(liked.visible_to(viewer), viewer, after, order=MARKED)


def with_hashtag(name: str, viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    posts = Post.objects.filter(hashtags__name=fold_tag(name)).visible_to(viewer)
    return unmuted_page(posts, viewer, after)


def public(viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    """Return everybody's posts that are no replies and no reposts: Explore, and for visitors."""
    posts = Post.objects.filter(is_reply=False, repost_of=None, author__is_protected=False)
    return unmuted_page(posts.visible_to(viewer), viewer, after)


def bookmarks(viewer: User, after: Cursor | None = None) -> TimelinePage:
    """Return what the viewer keeps, the last bookmarked first."""
    kept = Post.objects.filter(bookmarks__user=viewer)
    kept = kept.annotate(marked_at=F("bookmarks__created_at"), mark_id=F("bookmarks__pk"))
    return page_of(kept.visible_to(viewer), viewer, after, order=MARKED)


def unmuted_page(posts: PostQuerySet, viewer: User | None, after: Cursor | None) -> TimelinePage:
    """Like `page_of`, without the users and words that the viewer muted.

    For feeds that mix many authors; who opens a profile has asked for its posts.
    """
    if viewer is None:
        return page_of(posts, None, after)
    return page_of(posts.without_muted(viewer), viewer, after, mutes(viewer))


def text_of(post: Post) -> str:
    """Return all text that is shown for a post: its own, and that of the post it quotes."""
    shown = post.repost_of or post
    return f"{shown.text}\n{shown.quote_of.text}" if shown.quote_of else shown.text


def page_of(
    posts: PostQuerySet,
    viewer: User | None,
    after: Cursor | None,
    hides: Predicate | None = None,
    order: Order = POSTED,
) -> TimelinePage:
    """Return a page of `posts` in their order, without those whose text `hides`.

    So it may hold fewer than others. It is never empty while there is more: a reader who muted
    much would take that for the end.
    """
    while True:
        # One more than a page, to know whether another page follows.
        rows = list(order.after(posts, after).for_page(viewer)[: PAGE + 1])
        on_page = rows[:PAGE]
        further = order.cursor_of(on_page[-1]) if len(rows) > PAGE else None
        shown = on_page
        if hides:
            shown = [post for post in on_page if post.author == viewer or not hides(text_of(post))]
        if shown or further is None:
            first = order.cursor_of(on_page[0]) if on_page else None
            return TimelinePage(present(shown, viewer), first, further)
        after = further
