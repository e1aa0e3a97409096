"""A post: a text with what hangs on it, or a repost. A timeline is one query over this table."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, Follow, Mute, User
from accounts.models.user import not_away
from config.db import columns
from config.db.text_fields import LinesField
from config.rendering.fast_reverse import address
from posts.models.voice import VoiceClip


def _is_readable(author: str, viewer: User | None) -> Q:
    """Return the condition for the viewer to read posts of `author`, a path to a user."""
    is_there = not_away(author)
    is_open = Q(**{f"{author}__is_protected": False})
    if viewer is None or not viewer.pk:
        return is_there & is_open
    followed = Follow.objects.filter(follower=viewer).values("followed")
    is_open |= Q(**{author: viewer}) | Q(**{f"{author}__in": followed})
    is_blocked = Q(**{f"{author}__in": Block.objects.filter(blocker=viewer).values("blocked")})
    is_blocked |= Q(**{f"{author}__in": Block.objects.filter(blocked=viewer).values("blocker")})
    return is_there & is_open & ~is_blocked


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Leave out posts that the viewer may not read; pages, API, search and pins ask here.

        Hidden are posts of users who are away, posts across a block, and those of protected users
        whom the viewer does not follow; a repost is hidden with the post it shows.
        """
        # By the joins that the page makes anyway: a subquery for the reposts, of either kind,
        # PostgreSQL may answer by reading every post there is, as it expects thousands of rows.
        is_original_readable = _is_readable("repost_of__author", viewer)
        readable = self.filter(_is_readable("author", viewer))
        return readable.filter(Q(repost_of=None) | is_original_readable)

    def without_muted(self, viewer: User) -> Self:
        muted = Mute.objects.filter(muter=viewer).values("muted")
        is_repost_of_muted = Q(repost_of__isnull=False) & Q(repost_of__author__in=muted)
        return self.exclude(author__in=muted).exclude(is_repost_of_muted)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def with_people(self) -> Self:
        """Load what a page shows of each post in the same query."""
        return self.select_related(
            "author",
            "reply_to__author",
            "quote_of__author",
            "voice",
            "repost_of__author",
            "repost_of__reply_to__author",
            "repost_of__quote_of__author",
            "repost_of__voice",
        )

    def with_interactions_of(self, viewer: User | None) -> Self:
        """Add `is_liked`, `is_reposted`, `is_bookmarked`: whether the viewer did it.

        Of a repost, with the original. They are ids or None: an EXISTS may be answered by reading
        all that the viewer ever liked, a value may not.
        """
        if viewer is None or not viewer.pk:
            no = Value(False)
            return self.annotate(is_liked=no, is_reposted=no, is_bookmarked=no)
        shown = Coalesce(OuterRef("repost_of"), OuterRef("pk"))
        return self.annotate(
            is_liked=Subquery(viewer.likes.filter(post=shown).values("pk")[:1]),
            is_reposted=Subquery(viewer.posts.filter(repost_of=shown).values("pk")[:1]),
            is_bookmarked=Subquery(viewer.bookmarks.filter(post=shown).values("pk")[:1]),
        )

    def with_readable_quotes(self, viewer: User | None) -> Self:
        """Add `is_quote_readable`: whether the viewer may read the post inside the shown one."""
        inside = Coalesce(OuterRef("repost_of__quote_of"), OuterRef("quote_of"))
        # Not visible_to(): nobody quotes a repost.
        quoted = PostQuerySet(Post).filter(_is_readable("author", viewer), pk=inside)
        return self.annotate(is_quote_readable=Subquery(quoted.values("pk")[:1]))

    def for_page(self, viewer: User | None) -> Self:
        """Load all that `present()` needs but pictures and polls, in one query."""
        return self.with_people().with_interactions_of(viewer).with_readable_quotes(viewer)


class Post(models.Model):
    """`text` is plain, as it was typed; links, mentions and hashtags are found when it is shown."""

    class Replies(models.TextChoices):
        """Who may reply to the post that began a conversation, and to every reply in it."""

        EVERYONE = "everyone", _("Everyone")
        FOLLOWED = "followed", _("People I follow")
        MENTIONED = "mentioned", _("Only people I mention")

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="posts")
    text = LinesField(max_length=columns.TEXT_CHARS, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # A reply stays a reply when the post above it is deleted, so that it does not surface as
    # somebody's opening words.
    reply_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replies"
    )
    is_reply = models.BooleanField(default=False)
    # The post that began the conversation; its rule and its author's own chain of posts are found
    # by it.
    root = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    replies_from = models.CharField(max_length=9, choices=Replies, default=Replies.EVERYONE)
    repost_of = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="reposts"
    )
    # A quote stays one when the quoted post is deleted or its author takes it out: the page then
    # says so.
    quote_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="quotes"
    )
    is_quote = models.BooleanField(default=False)
    image_count = models.PositiveSmallIntegerField(default=0)
    has_poll = models.BooleanField(default=False)
    voice = models.OneToOneField(
        VoiceClip, models.CASCADE, null=True, blank=True, related_name="post"
    )
    edited_at = models.DateTimeField(null=True, blank=True)
    # What was done, also by accounts that are away now: those come back, and then nothing has to be
    # counted anew. What goes for good is taken off (posts/account_deletion.py).
    like_count = models.PositiveIntegerField(default=0)
    reply_count = models.PositiveIntegerField(default=0)
    repost_count = models.PositiveIntegerField(default=0)

    # The manager has the methods of the query set.
    objects: ClassVar[PostQuerySet] = PostQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "repost_of"],
                condition=Q(repost_of__isnull=False),
                name="posts_repost_once",
            ),
            models.CheckConstraint(
                condition=Q(repost_of=None)
                & (~Q(text="") | Q(image_count__gt=0) | Q(voice__isnull=False))
                | Q(
                    repost_of__isnull=False,
                    text="",
                    is_reply=False,
                    is_quote=False,
                    image_count=0,
                    voice=None,
                ),
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
        return address("posts:post", self.repost_of_id or self.pk)

    @property
    def words_since(self) -> datetime:
        """When its text was written: an edit writes it anew."""
        return self.edited_at or self.created_at

    @property
    def summary(self) -> str:
        """Its text, or what it has instead; for quotes, notifications and titles."""
        return self.text or (gettext("Voice clip") if self.voice_id else gettext("Picture"))
