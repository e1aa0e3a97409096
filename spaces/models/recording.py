"""What is recorded of a Space, and who agreed to it.

It goes from the packet log to the files that viewers watch.
"""

import secrets
from pathlib import Path
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Follow, User
from spaces.models.record import Attendance
from spaces.models.space import Space

FOLDER_BYTES = 16  # 128 bits: the name of a folder that nobody guesses.
LOGS, REPLAYS = "recordings", "replays"


def new_folder() -> str:
    return secrets.token_hex(FOLDER_BYTES)


class RecordingQuerySet(models.QuerySet["Recording"]):
    def ready(self) -> Self:
        return self.filter(state=Recording.State.READY)

    def visible_to(self, viewer: User | None) -> Self:
        """Leave out recordings of rooms the viewer could not enter.

        Pages, files, feeds, clips and search ask here. Beside what hides the Space itself: visitors
        need an account where the host asked for one, a locked room is for those who came, and of a
        host who has become protected only followers and those who came watch.
        """
        shown = self.filter(space__in=Space.objects.visible_to(viewer))
        public = Q(
            space__visitors_allowed=True, space__locked=False, space__host__is_protected=False
        )
        if viewer is None or not viewer.pk:
            return shown.filter(public)
        if viewer.acts_as_staff:
            return shown
        # Who was there may watch it again, whatever the host has changed since.
        came = Q(space__in=Attendance.objects.filter(user=viewer).values("space"))
        followed = Q(space__host__in=Follow.objects.filter(follower=viewer).values("followed"))
        open_to_all = Q(space__locked=False, space__host__is_protected=False)
        return shown.filter(
            Q(space__host=viewer) | came | open_to_all | (followed & Q(space__locked=False))
        )


class Recording(models.Model):
    """One a Space, however often the host stops and goes on: the log grows by a segment each time.

    `version` names the folder with the newest rendered files. While `state` is RENDERING the row is
    held by a worker until `lease_until`; a worker that finds an older lease takes over.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Recording")
        WAITING = "waiting", _("Waiting to be prepared")
        RENDERING = "rendering", _("Being prepared")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Could not be prepared")
        DELETED = "deleted", _("Deleted")

    space = models.OneToOneField("spaces.Space", models.CASCADE, related_name="recording")
    folder = models.CharField(
        max_length=2 * FOLDER_BYTES, unique=True, editable=False, default=new_folder
    )
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    is_confirmed = models.BooleanField(
        default=False, help_text=_("The recorder said that all is on the disk.")
    )
    due_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it may be prepared at the earliest.")
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])
    failure = models.CharField(max_length=20, blank=True)

    from_ms = models.PositiveIntegerField(
        default=0, help_text=_("What the host left out at the beginning.")
    )
    # Part of each address, so that a browser never mixes two renderings.
    version = models.PositiveIntegerField(default=0)
    rendered_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)
    has_video = models.BooleanField(default=False)
    chapters = models.JSONField(default=list)
    pins = models.JSONField(default=list)
    sizes = models.JSONField(default=dict, help_text=_("Bytes of each file."))

    objects: ClassVar[models.Manager["Recording"]] = RecordingQuerySet.as_manager()

    class Meta:
        # A worker looks for the next one, the sweep for those whose time is over.
        indexes = [models.Index(fields=["state", "due_at"]), models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"recording of {self.space_id}"

    @property
    def log_path(self) -> Path:
        """Where egress keeps the packets (media_relay/protocol/egress.py)."""
        return Path(settings.DATA_DIR) / LOGS / self.folder

    @property
    def media_name(self) -> str:
        """The folder of the rendered files below MEDIA_ROOT."""
        return f"{REPLAYS}/{self.folder}/{self.version}"


class Consent(models.Model):
    """A participant's answer on being recorded, while the recording runs.

    `given_at` None is an open question until `expires_at`. What was answered stays in the audit
    log.
    """

    space = models.ForeignKey("spaces.Space", models.CASCADE, related_name="consents")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    given_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["space", "user"], name="spaces_consent_once"),
            # Either an answer or an open question.
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, expires_at__isnull=False)
                | Q(given_at__isnull=False, expires_at__isnull=True),
                name="spaces_consent_given_or_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on being recorded in {self.space_id}"
