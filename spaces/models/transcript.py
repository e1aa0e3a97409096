"""What was said, line by line.

Rows exist only for recorded Spaces and where the host chose to keep them.
"""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from accounts.models import User
from config.db import columns
from config.db.text_fields import LineField
from spaces.models.recording import Recording
from spaces.models.space import Space


class TranscriptLineQuerySet(models.QuerySet["TranscriptLine"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Leave out lines of rooms the viewer could not enter.

        A transcript is read by those who may watch the replay. Without a recording the same is
        asked of the Space, which then counts as one that is not locked.
        """
        deleted = Recording.State.DELETED
        recordings = Recording.objects.visible_to(viewer).exclude(state=deleted)
        has_none = models.Q(recording__isnull=True) | models.Q(recording__state=deleted)
        kept = Space.objects.visible_to(viewer).filter(
            has_none, transcript_wanted=True, locked=False, host__is_protected=False
        )
        if viewer is None or not viewer.pk:
            kept = kept.filter(visitors_allowed=True)
        is_recorded = models.Q(space__in=recordings.values("space"))
        return self.filter(is_recorded | models.Q(space__in=kept.values("pk")))


class TranscriptLine(models.Model):
    """One line that one speaker said.

    `start_ms` counts from the beginning of the replay, without a recording from the start of the
    Space. `said` is what the engine heard; `text` is what people read, the host may correct it.
    """

    space = models.ForeignKey("spaces.Space", models.CASCADE, related_name="transcript")
    speaker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # A copy: the line keeps it when the account is gone.
    name = LineField(max_length=columns.NAME_CHARS, blank=True)
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    said = LineField(max_length=columns.PARAGRAPH_CHARS)
    text = LineField(max_length=columns.PARAGRAPH_CHARS)
    is_corrected = models.BooleanField(default=False)

    objects: ClassVar[models.Manager["TranscriptLine"]] = TranscriptLineQuerySet.as_manager()

    class Meta:
        ordering = ["start_ms", "id"]
        constraints = [
            # Captions are stored again every few seconds; a line that is there is left alone.
            # Without a speaker it is never the same line: to SQL two NULLs differ.
            models.UniqueConstraint(
                fields=["space", "speaker", "start_ms"], name="spaces_transcript_line_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.text[:40]}"
