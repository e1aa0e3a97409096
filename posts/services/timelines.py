"""Feeds: which posts, in which order, where the next page begins.

Keyset pages: they cost the same at any depth.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F, Q, QuerySet

from accounts.models import Follow, User
from accounts.services.muted_words import Predicate, mutes
from config import cursors
from config.db import prepared
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


# Which posts of all a timeline is made of, before it is asked what the viewer may read. Each takes
# the viewer and what its timeline adds (config.db.prepared).
Chosen = Callable[..., PostQuerySet]


def home(viewer: User, after: Cursor | None = None) -> TimelinePage:
    """Return posts of the viewer and of followed users, newest first.

    Of replies only those to the viewer and to followed users.
    """
    return unmuted_page(_of_home, viewer, after, _followed_by(viewer) | {viewer.pk})


def _of_home(viewer: User, shown: frozenset[int]) -> PostQuerySet:
    posts = Post.objects.filter(author__among=shown)
    return posts.filter(Q(is_reply=False) | Q(reply_to__author__among=shown))


def _followed_by(viewer: User) -> frozenset[int]:
    """Return the ids of followed users, for `author__among`.

    Not a subquery: only with the ids at hand does the database know whether these write much or
    little, so whether to look through the newest posts of all or through all posts of these.
    """
    return frozenset(prepared.fetch(_follows_of, viewer))


def _follows_of(viewer: User) -> QuerySet[Follow, int]:
    return Follow.objects.filter(follower=viewer).values_list("followed_id", flat=True)


def new_since(viewer: User, since: Cursor) -> int:
    """Return how many posts of others the home timeline has above `since`, at most a page."""
    found = prepared.fetch(_new_since, viewer, _followed_by(viewer), since.time)
    hides = mutes(viewer)
    return sum(1 for post in found if not hides(text_of(post)))


def _new_since(viewer: User, followed: frozenset[int], since: datetime) -> PostQuerySet:
    posts = Post.objects.filter(author__among=followed, is_reply=False, created_at__gt=since)
    # With people, because `text_of` reads reposted and quoted posts.
    return posts.visible_to(viewer).without_muted(viewer).with_people()[:PAGE]


def of_person(person: User, viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    """Return posts and reposts for a profile, without replies."""
    return page_of(_of_person, viewer, after, person.pk)


def _of_person(viewer: User | None, person: int) -> PostQuerySet:
    return Post.objects.filter(author=person, is_reply=False)


def replies_of_person(
    person: User, viewer: User | None, after: Cursor | None = None
) -> TimelinePage:
    return page_of(_replies_of_person, viewer, after, person.pk)


def _replies_of_person(viewer: User | None, person: int) -> PostQuerySet:
    return Post.objects.filter(author=person, is_reply=True)


def media_of_person(person: User, viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    """Return a person's posts with pictures or a recording, replies too."""
    return page_of(_media_of_person, viewer, after, person.pk)


def _media_of_person(viewer: User | None, person: int) -> PostQuerySet:
    return Post.objects.filter(Q(image_count__gt=0) | Q(voice__isnull=False), author=person)


def liked_by(person: User, viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    """Return what a person likes, the last liked first."""
    return page_of(_liked_by, viewer, after, person.pk, order=MARKED)


def _liked_by(viewer: User | None, person: int) -> PostQuerySet:
    liked = Post.objects.filter(likes__user=person)
    return liked.annotate(marked_at=F("likes__created_at"), mark_id=F("likes__pk"))


def with_hashtag(name: str, viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    return unmuted_page(_with_hashtag, viewer, after, fold_tag(name))


def _with_hashtag(viewer: User | None, name: str) -> PostQuerySet:
    return Post.objects.filter(hashtags__name=name)


def public(viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    """Return everybody's posts that are no replies and no reposts: Explore, and for visitors."""
    return unmuted_page(_of_all, viewer, after)


def _of_all(viewer: User | None) -> PostQuerySet:
    return Post.objects.filter(is_reply=False, repost_of=None, author__is_protected=False)


def bookmarks(viewer: User, after: Cursor | None = None) -> TimelinePage:
    """Return what the viewer keeps, the last bookmarked first."""
    return page_of(_bookmarked, viewer, after, order=MARKED)


def _bookmarked(viewer: User) -> PostQuerySet:
    kept = Post.objects.filter(bookmarks__user=viewer)
    return kept.annotate(marked_at=F("bookmarks__created_at"), mark_id=F("bookmarks__pk"))


def unmuted_page(
    chosen: Chosen, viewer: User | None, after: Cursor | None, *values: Hashable
) -> TimelinePage:
    """Like `page_of`, without the users and words that the viewer muted.

    For feeds that mix many authors; who opens a profile has asked for its posts.
    """
    hides = mutes(viewer) if viewer else None
    return page_of(chosen, viewer, after, *values, hides=hides, without_muted=True)


def text_of(post: Post) -> str:
    """Return all text that is shown for a post: its own, and that of the post it quotes."""
    shown = post.repost_of or post
    return f"{shown.text}\n{shown.quote_of.text}" if shown.quote_of else shown.text


def page_of(
    chosen: Chosen,
    viewer: User | None,
    after: Cursor | None,
    *values: Hashable,
    hides: Predicate | None = None,
    without_muted: bool = False,
    order: Order = POSTED,
) -> TimelinePage:
    """Return a page of `chosen(viewer, *values)` in their order, without those whose text `hides`.

    So it may hold fewer than others. It is never empty while there is more: a reader who muted
    much would take that for the end.
    """
    while True:
        where = (after.time, after.pk) if after else (None, None)
        rows = prepared.fetch(_page, chosen, viewer, without_muted, order, *where, *values)
        on_page = rows[:PAGE]
        further = order.cursor_of(on_page[-1]) if len(rows) > PAGE else None
        shown = on_page
        if hides:
            shown = [post for post in on_page if post.author == viewer or not hides(text_of(post))]
        if shown or further is None:
            first = order.cursor_of(on_page[0]) if on_page else None
            return TimelinePage(present(shown, viewer), first, further)
        after = further


def _page(
    chosen: Chosen,
    viewer: User | None,
    without_muted: bool,
    order: Order,
    time: datetime | None,
    pk: int | None,
    *values: Hashable,
) -> PostQuerySet:
    posts = chosen(viewer, *values).visible_to(viewer)
    if without_muted and viewer:
        posts = posts.without_muted(viewer)
    after = Cursor(time, pk) if time is not None and pk is not None else None
    # One more than a page, to know whether another page follows.
    return order.after(posts, after).for_page(viewer)[: PAGE + 1]
