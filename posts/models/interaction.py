"""What users do with a post besides replying: likes and bookmarks; and its hashtags."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from posts.models.post import Post


class Like(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="likes")
    post = models.ForeignKey(Post, models.CASCADE, related_name="likes")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "post"], name="posts_like_once")]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="posts_likes_newest")]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.post_id}"


class Bookmark(models.Model):
    """For its owner alone: bookmarks are not counted, and nobody is notified."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bookmarks")
    post = models.ForeignKey(Post, models.CASCADE, related_name="bookmarks")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "post"], name="posts_bookmark_once")]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="posts_bookmarks_newest")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} keeps {self.post_id}"


class Hashtag(models.Model):
    """One use of a hashtag in a post, folded (`config.hashtags`); tag pages and trends read it."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="hashtags")
    name = models.CharField(max_length=100)
    shown = models.CharField(max_length=100, blank=True, help_text=_("As it was typed."))
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "name"], name="posts_hashtag_once")]
        indexes = [
            models.Index(fields=["name", "-created_at"], name="posts_hashtag_newest"),
            models.Index(fields=["-created_at"], name="posts_hashtag_recent"),
        ]

    def __str__(self) -> str:
        return f"#{self.name}"


class TagReading(models.Model):
    """How far the posts that were there have been read by new rules of what a hashtag is.

    Those with numbers from `below` on are done (posts/services/hashtags.py).
    """

    rules = models.PositiveSmallIntegerField(unique=True)
    below = models.BigIntegerField()
    moved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"rules {self.rules}, posts below {self.below}"
