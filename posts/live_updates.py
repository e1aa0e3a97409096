"""Tell the open pages of followers that there is something new: a hint, the pages ask for the posts
themselves.
"""

from django.db import transaction
from django.db.models import F

from accounts.models import Follow
from accounts.realtime import page_hints
from accounts.realtime.messages import PostsHint
from config.celery import app
from posts.models import Post

# The hint costs a message each; whoever gets none sees the button within half a minute anyway.
MOST_TOLD = 2000


def announce(post: Post) -> None:
    """After the commit and in the background: an author may have a hundred thousand followers."""
    if not post.is_reply:
        transaction.on_commit(lambda: _send(post.pk), robust=True)


def _send(pk: int) -> None:
    app.send_task("posts.tasks.tell_followers", [pk], retry=False, expires=60)


def tell_followers(pk: int) -> int:
    """Returns how many people were told: those who were here most recently."""
    post = Post.objects.filter(pk=pk).first()
    if post is None:
        return 0
    rows = Follow.objects.filter(followed=post.author_id, follower__is_active=True)
    recent = rows.order_by(F("follower__last_login").desc(nulls_last=True)).values_list(
        "follower_id", flat=True
    )
    told = list(recent[:MOST_TOLD])
    page_hints.tell(told, PostsHint())
    return len(told)
