"""Hint to the open pages of followers that there is a new post; the pages ask for it themselves."""

from django.db import transaction
from django.db.models import F

from accounts.models import Follow
from accounts.models.user import not_away
from accounts.realtime import page_hints
from accounts.realtime.messages import PostsHint
from config.celery import app
from posts.models import Post

# Each hint costs a message; a page that gets none asks every half minute anyway.
MOST_TOLD = 2000


def announce(post: Post) -> None:
    """Start `tell_followers` after the commit: an author may have a hundred thousand followers."""
    if post.is_reply:
        return

    def send() -> None:
        app.send_task("posts.tasks.tell_followers", [post.pk], retry=False, expires=60)

    transaction.on_commit(send, robust=True)


def tell_followers(pk: int) -> int:
    """Hint to the followers who logged in last; return how many there were."""
    post = Post.objects.filter(pk=pk).first()
    if post is None:
        return 0
    follows = Follow.objects.filter(not_away("follower"), followed=post.author_id)
    recent = follows.order_by(F("follower__last_login").desc(nulls_last=True))
    told = list(recent.values_list("follower_id", flat=True)[:MOST_TOLD])
    page_hints.tell(told, PostsHint(post.pk))
    return len(told)
