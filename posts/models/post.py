"""A post: what somebody said, or the repost of it. A timeline is one query over this table."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.models import Block, Follow, Mute, User
from config.limits import LIMITS


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Leave out posts that the viewer may not read. Pages, API, search, alerts and pins all ask here.

        Hidden are posts of suspended people, of either side of a block, and of protected people whom the viewer
        does not follow; a repost is hidden with the post it shows.
        """
        return self._readable("author", viewer)._reposts_readable(viewer)

    def _readable(self, person: str, viewer: User | None) -> Self:
        posts = self.filter(**{f"{person}__is_active": True})
        if viewer is None or not viewer.pk:
            return posts.filter(**{f"{person}__is_protected": False})
        followed = Follow.objects.filter(follower=viewer).values("followed")
        is_open = Q(**{f"{person}__is_protected": False}) | Q(**{person: viewer}) | Q(**{f"{person}__in": followed})
        posts = posts.filter(is_open)
        posts = posts.exclude(**{f"{person}__in": Block.objects.filter(blocker=viewer).values("blocked")})
        return posts.exclude(**{f"{person}__in": Block.objects.filter(blocked=viewer).values("blocker")})

    def _reposts_readable(self, viewer: User | None) -> Self:
        # EXISTS by primary key for each row of the page: as IN, PostgreSQL would hash the whole table first.
        original = PostQuerySet(Post).filter(pk=OuterRef("repost_of"))._readable("author", viewer)
        return self.filter(Q(repost_of=None) | Exists(original))

    def without_muted(self, viewer: User) -> Self:
        muted = Mute.objects.filter(muter=viewer).values("muted")
        return self.exclude(author__in=muted).exclude(Q(repost_of__isnull=False) & Q(repost_of__author__in=muted))

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def with_people(self) -> Self:
        """Load what a page shows of each post in the same query."""
        return self.select_related(
            *("author", "reply_to__author", "quote_of__author"),
            *("repost_of__author", "repost_of__reply_to__author", "repost_of__quote_of__author"),
        )

    def with_marks_of(self, viewer: User | None) -> Self:
        """Add `is_liked`, `is_reposted`, `is_kept`: what the viewer did with the post that is shown."""
        if viewer is None or not viewer.pk:
            no = Value(False)
            return self.annotate(is_liked=no, is_reposted=no, is_kept=no)
        shown = Coalesce(OuterRef("repost_of"), OuterRef("pk"))
        return self.annotate(
            is_liked=Exists(viewer.likes.filter(post=shown)),
            is_reposted=Exists(viewer.posts.filter(repost_of=shown)),
            is_kept=Exists(viewer.bookmarks.filter(post=shown)),
        )

    def for_page(self, viewer: User | None) -> Self:
        """Load everything that `present()` draws, in one query."""
        return self.with_people().with_marks_of(viewer)


class Post(models.Model):
    """`text` is plain, as it was typed; links, mentions and hashtags are found when it is shown."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="posts")
    text = models.CharField(max_length=LIMITS.post_chars, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # A reply stays a reply when the post above it is deleted, so that it does not surface as somebody's opening words.
    reply_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replies")
    is_reply = models.BooleanField(default=False)
    repost_of = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="reposts")
    # A quote stays one when the quoted post is deleted or its author takes it out: the page then says so.
    quote_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="quotes")
    is_quote = models.BooleanField(default=False)
    image_count = models.PositiveSmallIntegerField(default=0)
    edited_at = models.DateTimeField(null=True, blank=True)
    like_count = models.PositiveIntegerField(default=0)
    reply_count = models.PositiveIntegerField(default=0)
    repost_count = models.PositiveIntegerField(default=0)

    objects: ClassVar[PostQuerySet] = PostQuerySet.as_manager()  # type: ignore[assignment]  # The manager has its methods.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "repost_of"], condition=Q(repost_of__isnull=False), name="posts_repost_once"
            ),
            models.CheckConstraint(
                condition=Q(repost_of=None) & (~Q(text="") | Q(image_count__gt=0))
                | Q(repost_of__isnull=False, text="", is_reply=False, is_quote=False, image_count=0),
                name="posts_post_says_something",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="posts_newest"),
            models.Index(fields=["author", "-created_at", "-id"], name="posts_by_author"),
            models.Index(fields=["reply_to", "created_at", "id"], name="posts_replies"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.text[:40]}"

    def get_absolute_url(self) -> str:
        return reverse("posts:post", args=[self.repost_of_id or self.pk])
