"""Like, repost and bookmark a post, and take it back; each may be done twice.

The counters of the post change in the same transaction.
"""

from django.db import transaction
from django.db.models import F

from accounts.models import Notification, User
from accounts.notifications.notify import notify, retract
from posts import live_updates
from posts.models import Bookmark, Like, Post
from posts.services.posting import readable


def _count(post: Post, field: str, step: int) -> None:
    rows = Post.objects.filter(pk=post.pk)
    if step < 0:  # A counter that is wrong already must not fall below zero.
        rows = rows.filter(**{f"{field}__gt": 0})
    rows.update(**{field: F(field) + step})


@transaction.atomic
def like(actor: User, post: Post) -> None:
    post = readable(actor, post)
    _like, created = Like.objects.get_or_create(user=actor, post=post)
    if created:
        _count(post, "like_count", 1)
        notify([post.author_id], Notification.Kind.LIKE, actor, ("post", post.pk))


@transaction.atomic
def unlike(actor: User, post: Post) -> None:
    deleted, _rows = Like.objects.filter(user=actor, post=post).delete()
    if deleted:
        _count(post, "like_count", -1)
        retract(post.author_id, Notification.Kind.LIKE, actor, ("post", post.pk))


@transaction.atomic
def repost(actor: User, post: Post) -> None:
    """Show `post` to the actor's followers.

    Raises PermissionError for a protected author's post, even one's own.
    """
    post = readable(actor, post)
    if post.author.is_protected:
        raise PermissionError("Posts of protected accounts cannot be reposted.")
    reposted, created = Post.objects.get_or_create(author=actor, repost_of=post)
    if created:
        _count(post, "repost_count", 1)
        live_updates.announce(reposted)
        notify([post.author_id], Notification.Kind.REPOST, actor, ("post", post.pk))


@transaction.atomic
def unrepost(actor: User, post: Post) -> None:
    deleted, _rows = Post.objects.filter(author=actor, repost_of=post).delete()
    if deleted:
        _count(post, "repost_count", -1)
        retract(post.author_id, Notification.Kind.REPOST, actor, ("post", post.pk))


def bookmark(actor: User, post: Post) -> None:
    Bookmark.objects.get_or_create(user=actor, post=readable(actor, post))


def unbookmark(actor: User, post: Post) -> None:
    Bookmark.objects.filter(user=actor, post=post).delete()
