"""One post with what it answers, how its author went on, and what others answer."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import User
from config.db import prepared
from config.limits import LIMITS
from posts.models import Post
from posts.models.post import PostQuerySet
from posts.services.presented_post import PresentedPost, present
from posts.services.timelines import POSTED, Cursor

ABOVE = 12  # Posts above that a thread shows; who wants more opens the topmost one.
PAGE = 30  # Answers of others.
OWN_POSTS = 200  # Of the author's in this conversation, looked through for the chain that goes on.

_ABOVE_SQL = """
WITH RECURSIVE above (id, reply_to_id, depth) AS (
    SELECT id, reply_to_id, 0 FROM posts_post WHERE id = %s
    UNION ALL
    SELECT parent.id, parent.reply_to_id, depth + 1
    FROM posts_post AS parent JOIN above ON parent.id = above.reply_to_id WHERE depth < %s
)
SELECT id FROM above WHERE depth > 0
"""


@dataclass(frozen=True)
class Thread:
    """`continued` is the author's own chain of answers below the post.

    `next` is where the following page of answers begins, None on the last.
    """

    above: list[PresentedPost]
    lead: PresentedPost
    continued: list[PresentedPost]
    answers: list[PresentedPost]
    next: Cursor | None


def find(pk: int, viewer: User | None) -> Post | None:
    """Return the post with this id if the viewer may read it; of a repost, the original."""
    found = prepared.fetch(_with_root, viewer, pk)
    if found and found[0].repost_of_id is not None:
        found = prepared.fetch(_with_root, viewer, found[0].repost_of_id)
    return found[0] if found else None


def _with_root(viewer: User | None, pk: int) -> PostQuerySet:
    posts = Post.objects.visible_to(viewer).for_page(viewer).select_related("root__author")
    return posts.filter(pk=pk)


def thread_of(post: Post, viewer: User | None) -> Thread:
    """Return what the page of a post shows. Costs the same however long the conversation is."""
    above = _above(post, viewer)
    chain = _own_chain(post)
    answers, further = _answers(post, viewer, None, chain)
    rest = {answer.pk: answer for answer in answers}
    continued: list[Post] = []
    for own in [rest.pop(pk, None) for pk in chain]:
        if own is None:  # What follows a gap makes no sense.
            break
        continued.append(own)
    # All in one call, so that pictures, polls and cards are fetched once.
    presented = iter(present([*above, post, *continued, *rest.values()], viewer))
    return Thread(
        above=[next(presented) for _ in above],
        lead=next(presented),
        continued=[next(presented) for _ in continued],
        answers=list(presented),
        next=further,
    )


def answers_after(
    post: Post, viewer: User | None, after: Cursor
) -> tuple[list[PresentedPost], Cursor | None]:
    """Return a further page of answers, oldest first."""
    chain = _own_chain(post)
    answers, further = _answers(post, viewer, after, chain)
    return present([answer for answer in answers if answer.pk not in chain], viewer), further


def _answers(
    post: Post, viewer: User | None, after: Cursor | None, chain: list[int]
) -> tuple[list[Post], Cursor | None]:
    """Return a page of direct answers, and where the next page begins.

    The first page has the author's own `chain` in front.
    """
    where = (after.time, after.pk) if after else (None, None)
    rows = prepared.fetch(_direct, viewer, post.pk, frozenset(chain), *where)
    page = rows[:PAGE]
    further = POSTED.cursor_of(page[-1]) if len(rows) > PAGE else None
    own: list[Post] = []
    if chain and not after:
        own = prepared.fetch(_oldest_first, viewer, frozenset(chain))
    return own + page, further


def _oldest_first(viewer: User | None, ids: frozenset[int]) -> PostQuerySet:
    posts = Post.objects.visible_to(viewer).for_page(viewer).filter(pk__among=ids)
    return posts.order_by("created_at", "id")


def _direct(
    viewer: User | None,
    post: int,
    chain: frozenset[int],
    time: datetime | None,
    pk: int | None,
) -> PostQuerySet:
    posts = Post.objects.visible_to(viewer).for_page(viewer).order_by("created_at", "id")
    direct = posts.filter(reply_to=post).exclude(pk__among=chain)
    if time is not None and pk is not None:
        # Two conditions and not one OR alone: the first lets the database begin in the index.
        direct = direct.filter(created_at__gte=time)
        direct = direct.filter(Q(created_at__gt=time) | Q(id__gt=pk))
    return direct[: PAGE + 1]


def _above(post: Post, viewer: User | None) -> list[Post]:
    """Return what the post answers, topmost first.

    It stops where a post is deleted or hidden from the viewer.
    """
    if post.reply_to_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE_SQL, [post.pk, ABOVE])
        ids = [row[0] for row in cursor.fetchall()]
    # The SQL has only walked up; what the viewer may not read is left out here.
    known = {one.pk: one for one in prepared.fetch(_oldest_first, viewer, frozenset(ids))}
    chain: list[Post] = []
    parent = known.get(post.reply_to_id)
    while parent is not None:
        chain.append(parent)
        parent = known.get(parent.reply_to_id or 0)
    return chain[::-1]


def _own_chain(post: Post) -> list[int]:
    """Return the ids of the posts with which the author answered themselves, one after another."""
    if not post.reply_count:
        return []
    own = prepared.fetch(_own_posts, post.root_id or post.pk, post.author_id, post.pk)
    first_answer: dict[int | None, int] = {}
    for pk, parent in own:
        first_answer.setdefault(parent, pk)
    chain: list[int] = []
    at = first_answer.get(post.pk)
    while at is not None and len(chain) < LIMITS.thread_posts:
        chain.append(at)
        at = first_answer.get(at)
    return chain


def _own_posts(root: int, author: int, below: int) -> QuerySet[Post, tuple[int, int | None]]:
    own = Post.objects.filter(root=root, author=author, pk__gt=below).order_by("pk")
    return own.values_list("pk", "reply_to_id")[:OWN_POSTS]
