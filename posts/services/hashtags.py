"""The hashtags of posts, for tag pages and trends; read anew when the rules have changed."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from posts import text as texts
from posts.models import Hashtag, Post, TagReading

# Raised by whoever changes what `texts.hashtags` finds: all posts are then read anew.
RULES = 2
POSTS_A_STEP = 200  # Some hundredths of a second.
# Who works at it does a step in far less; after this long they are gone.
IDLE_S = 30


def store(*posts: Post) -> None:
    """Store the hashtags of the texts, in place of those they had before."""
    Hashtag.objects.filter(post__in=posts).delete()
    Hashtag.objects.bulk_create(
        Hashtag(post=post, name=name, shown=shown, created_at=post.created_at)
        for post in posts
        for name, shown in texts.hashtags(post.text).items()
    )


def read_anew(below: int | None = None) -> int:
    """Read the next posts by RULES; return the number below which others are left to read.

    `below` is what the step before returned. Without it, a first step is done if nobody is at it,
    as after a restart. Returns 0 if nothing is left, or if another worker goes on with it. The
    newest posts come first, because most readers and all trends ask for them.
    """
    reading, is_new = TagReading.objects.get_or_create(
        rules=RULES, defaults={"below": _beyond_all_posts(), "moved_at": timezone.now()}
    )
    is_idle = is_new or reading.moved_at < timezone.now() - timedelta(seconds=IDLE_S)
    if reading.below == 0 or (not is_idle if below is None else below != reading.below):
        return 0
    posts = Post.objects.filter(pk__lt=reading.below).order_by("-pk")
    texts_by_pk = dict(posts.values_list("pk", "text")[:POSTS_A_STEP])
    stored: dict[int, dict[str, str]] = {pk: {} for pk in texts_by_pk}
    uses = Hashtag.objects.filter(post__in=texts_by_pk)
    for pk, name, shown in uses.values_list("post_id", "name", "shown"):
        stored[pk][name] = shown
    changed = {pk for pk, text in texts_by_pk.items() if texts.hashtags(text) != stored[pk]}
    for busy in changed - _read_again(changed, skip_locked=True):
        _read_again({busy})
    further = min(texts_by_pk) if len(texts_by_pk) == POSTS_A_STEP else 0
    # Two workers that did the same step did no harm; one of them goes on.
    step = TagReading.objects.filter(rules=RULES, below=reading.below)
    return further if step.update(below=further, moved_at=timezone.now()) else 0


def _beyond_all_posts() -> int:
    return (Post.objects.aggregate(newest=Max("pk"))["newest"] or 0) + 1


@transaction.atomic
def _read_again(pks: set[int], *, skip_locked: bool = False) -> set[int]:
    """Return those that were read; the lock holds off an edit meanwhile.

    Who waits for one post while holding another could wait for ever, so many are locked at once
    only if nobody has them. SQLite has one lock, which is held for one short transaction a step.
    """
    locked = Post.objects.select_for_update(no_key=True, skip_locked=skip_locked)
    posts = list(locked.filter(pk__in=pks))
    store(*posts)
    return {post.pk for post in posts}
