"""A short piece of a replay, cut by a user who could watch it, to be shared in a post."""

from pathlib import Path
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, User
from accounts.models.user import not_away
from config.db import columns
from config.db.text_fields import LineField
from spaces.models.recording import REPLAYS, Recording
from spaces.models.space import PUBLIC_ID_CHARS, new_public_id

CLIPS = "clips"


class ClipQuerySet(models.QuerySet["Clip"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Leave out clips of replays the viewer may not watch, of users away or across a block."""
        shown = self.filter(
            not_away("by"), recording__in=Recording.objects.ready().visible_to(viewer)
        )
        if viewer is None or not viewer.pk or viewer.acts_as_staff:
            return shown
        shown = shown.exclude(by__in=Block.objects.filter(blocker=viewer).values("blocked"))
        return shown.exclude(by__in=Block.objects.filter(blocked=viewer).values("blocker"))


class Clip(models.Model):
    """A piece of a replay.

    `from_ms` and `to_ms` count from the beginning of the replay's file at the time it was cut.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being cut")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Could not be cut")

    public_id = models.CharField(
        max_length=PUBLIC_ID_CHARS, unique=True, editable=False, default=new_public_id
    )
    recording = models.ForeignKey("spaces.Recording", models.CASCADE, related_name="clips")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    title = LineField(_("title"), max_length=columns.NAME_CHARS, blank=True)
    from_ms = models.PositiveIntegerField()
    to_ms = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    # A worker holds it until the lease runs out; then another one may try.
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    size = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Clip"]] = ClipQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        # The newest clips of a replay, and of a user.
        indexes = [models.Index(fields=["recording", "-id"]), models.Index(fields=["by", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_ms__gt=models.F("from_ms")), name="spaces_clip_has_length"
            )
        ]

    def __str__(self) -> str:
        return f"clip {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("spaces:clip", args=[self.public_id])

    @property
    def seconds(self) -> int:
        return round((self.to_ms - self.from_ms) / 1000)

    @property
    def media_name(self) -> str:
        """The folder of its files below MEDIA_ROOT; it goes with the replay's."""
        return f"{REPLAYS}/{self.recording.folder}/{CLIPS}/{self.public_id}"

    @property
    def media_path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.media_name
