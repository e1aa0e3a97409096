"""Drafts: what an author began to write and put aside, with pictures and recording."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from config.db.text_fields import LinesField
from posts.models.attachment import ALT_CHARS
from posts.models.post import Post
from posts.models.voice import VoiceClip


class Draft(models.Model):
    """`fields` is a ComposerFields of posts/services/drafts.py.

    The clip in `voice` is unclaimed until the draft is published.
    """

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    reply_to = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")
    quote_of = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")
    voice = models.ForeignKey(VoiceClip, models.SET_NULL, null=True, related_name="drafts")
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["author", "-updated_at"], name="posts_drafts_newest")]

    def __str__(self) -> str:
        return f"draft {self.pk} of {self.author_id}"


class DraftImage(models.Model):
    """A picture of a draft, re-encoded by us, for its author alone; a post gets a copy."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="images")
    position = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to="drafts/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = LinesField(max_length=ALT_CHARS, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"picture {self.position} of draft {self.draft_id}"

    def get_absolute_url(self) -> str:
        return reverse("posts:draft_image", args=[self.pk])
