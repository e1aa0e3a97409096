"""One post with what it answers, how its author went on, and what others answer."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from accounts.models import User
from config.limits import LIMITS
from posts.models import Post
from posts.services.presented_post import PresentedPost, present
from posts.services.timelines import Cursor

ABOVE = 12  # Posts above that a thread shows; who wants more opens the topmost one.
ANSWERS = 30  # On a page.
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
    """`continued` is the author's own chain of answers below the post; `next` is where further
    answers begin.
    """

    above: list[PresentedPost]
    lead: PresentedPost
    continued: list[PresentedPost]
    answers: list[PresentedPost]
    next: Cursor | None


def find(pk: int, viewer: User | None) -> Post | None:
    """Return the post with this id if the viewer may read it; of a repost, the original."""
    posts = Post.objects.visible_to(viewer).for_page(viewer).select_related("root__author")
    post = posts.filter(pk=pk).first()
    if post is None or post.repost_of_id is None:
        return post
    return posts.get(pk=post.repost_of_id)


def thread_of(post: Post, viewer: User | None) -> Thread:
    """Costs the same however long the conversation is."""
    above, chain = _above(post, viewer), _own_chain(post)
    answers, further = _answers(post, viewer, None, chain)
    rest = {answer.pk: answer for answer in answers}
    continued = _unbroken([rest.pop(pk, None) for pk in chain])
    views = iter(present([*above, post, *continued, *rest.values()], viewer))
    return Thread(
        above=[next(views) for _ in above],
        lead=next(views),
        continued=[next(views) for _ in continued],
        answers=list(views),
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
    """Return a page of direct answers; the first one brings the author's chain with it, in the same
    query.
    """
    posts = Post.objects.visible_to(viewer).for_page(viewer).order_by("created_at", "id")
    direct = posts.filter(reply_to=post).exclude(pk__in=chain)
    if after:
        direct = direct.filter(created_at__gte=after.created_at)
        direct = direct.filter(Q(created_at__gt=after.created_at) | Q(id__gt=after.pk))
    page = list(direct[: ANSWERS + 1])
    last = (
        Cursor(page[ANSWERS - 1].created_at, page[ANSWERS - 1].pk) if len(page) > ANSWERS else None
    )
    own = list(posts.filter(pk__in=chain)) if chain and not after else []
    return [*own, *page[:ANSWERS]], last


def _above(post: Post, viewer: User | None) -> list[Post]:
    """What it answers, topmost first; stops where one is deleted or hidden from the viewer."""
    if post.reply_to_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE_SQL, [post.pk, ABOVE])
        ids = [row[0] for row in cursor.fetchall()]
    known = Post.objects.visible_to(viewer).for_page(viewer).in_bulk(ids)
    chain: list[Post] = []
    parent = known.get(post.reply_to_id)
    while parent is not None:
        chain.append(parent)
        parent = known.get(parent.reply_to_id or 0)
    return chain[::-1]


def _own_chain(post: Post) -> list[int]:
    """The ids of the posts with which the author answered themselves, one after the other: a
    thread.
    """
    if not post.reply_count:
        return []
    own = Post.objects.filter(root=post.root_id or post.pk, author=post.author_id, pk__gt=post.pk)
    first_answer: dict[int | None, int] = {}
    for pk, parent in own.order_by("pk").values_list("pk", "reply_to_id")[:OWN_POSTS]:
        first_answer.setdefault(parent, pk)
    chain: list[int] = []
    at = first_answer.get(post.pk)
    while at is not None and len(chain) < LIMITS.thread_posts:
        chain.append(at)
        at = first_answer.get(at)
    return chain


def _unbroken(posts: list[Post | None]) -> list[Post]:
    """Up to the first that is missing: what follows a gap makes no sense."""
    found: list[Post] = []
    for post in posts:
        if post is None:
            break
        found.append(post)
    return found
