"""A voice clip: uploaded by its owner, re-encoded by us, then carried by one post or message.

    pending --(posts/media reads and re-encodes it)--> ready | failed

Nothing of the upload is kept but its sound. The files have no address of their own: a view asks who
may hear them.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from config.db.text_fields import LinesField

TRANSCRIPT_CHARS = 4000  # 140 s of fast talk are some 2500 characters.


class VoiceClip(models.Model):
    """`claimed_at` is when a post or a message took it; unclaimed ones go after an hour."""

    class State(models.TextChoices):
        PENDING = "pending"
        READY = "ready"
        FAILED = "failed"

    class Words(models.TextChoices):
        """State of the transcript; UNAVAILABLE if there is no engine, or none for the language."""

        WANTED = "wanted"
        READY = "ready"
        UNAVAILABLE = "unavailable"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="voice_clips")
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    reason = models.CharField(
        max_length=20, blank=True, help_text="Why it failed: a code of services/voice.py."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True)
    source = models.FileField(
        upload_to="voice/", blank=True, help_text="The upload; gone once it is re-encoded."
    )
    opus = models.FileField(
        upload_to="voice/", blank=True, help_text="Ogg Opus, for most browsers."
    )
    m4a = models.FileField(
        upload_to="voice/", blank=True, help_text="AAC, for Safari and for everything old."
    )
    duration_ms = models.PositiveIntegerField(default=0)
    waveform = models.JSONField(
        default=list, help_text="58 numbers from 0 to 100, from silence to the loudest."
    )
    language = models.CharField(max_length=8, blank=True)
    words = models.CharField(max_length=12, choices=Words, default=Words.WANTED)
    transcript = LinesField(max_length=TRANSCRIPT_CHARS, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(claimed_at=None), name="posts_voice_unclaimed"
            ),
            models.Index(
                fields=["created_at"], condition=Q(state="pending"), name="posts_voice_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"voice {self.pk} of {self.owner_id}"

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def opus_url(self) -> str:
        return reverse("posts:voice_file", args=[self.pk, "ogg"])

    @property
    def m4a_url(self) -> str:
        return reverse("posts:voice_file", args=[self.pk, "m4a"])

    @property
    def duration_s(self) -> int:
        """Whole seconds, at least 1, as a clock shows them."""
        return max(1, round(self.duration_ms / 1000))

    def file_names(self) -> list[str]:
        """Return the names of the files that are stored for it now."""
        return [str(file.name) for file in (self.source, self.opus, self.m4a) if file.name]
