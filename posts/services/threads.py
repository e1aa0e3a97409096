"""One post with what it answers and what answers it."""

from dataclasses import dataclass

from accounts.models import User
from posts.models import Post
from posts.services.presenting import PostView, present

ABOVE = 12  # Posts above that a thread shows; who wants more opens the topmost one.
BELOW = 60  # Answers shown; more would make a page that nobody scrolls.


@dataclass(frozen=True)
class Thread:
    above: list[PostView]
    lead: PostView
    answers: list[PostView]


def find(pk: int, viewer: User | None) -> Post | None:
    """Return the post with this id if the viewer may read it; of a repost, the original."""
    posts = Post.objects.visible_to(viewer).for_page(viewer)
    post = posts.filter(pk=pk).first()
    if post is None or post.repost_of_id is None:
        return post
    return posts.get(pk=post.repost_of_id)


def thread_of(post: Post, viewer: User | None) -> Thread:
    above = _above(post, viewer)
    answers = list(
        Post.objects.filter(reply_to=post).visible_to(viewer).for_page(viewer).order_by("created_at", "id")[:BELOW]
    )
    views = present([*above, post, *answers], viewer)
    return Thread(views[: len(above)], views[len(above)], views[len(above) + 1 :])


def _above(post: Post, viewer: User | None) -> list[Post]:
    """Walk up to ABOVE posts up; stops where one is deleted or hidden from the viewer."""
    chain: list[Post] = []
    parent_id = post.reply_to_id
    while parent_id and len(chain) < ABOVE:
        parent = Post.objects.visible_to(viewer).for_page(viewer).filter(pk=parent_id).first()
        if parent is None:
            break
        chain.append(parent)
        parent_id = parent.reply_to_id
    return chain[::-1]
