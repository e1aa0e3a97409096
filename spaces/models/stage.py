"""Who is on stage, who waits to be, and who was asked."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.db import columns
from config.db.text_fields import LineField


class Seat(models.Model):
    """A place on stage.

    The room's lock holds the counts; one seat a person and one host a room are constraints.
    """

    class Role(models.TextChoices):
        HOST = "host", _("Host")
        COHOST = "cohost", _("Co-host")
        SPEAKER = "speaker", _("Speaker")

    class Presence(models.TextChoices):
        HERE = "here", _("Connected")
        WEAK = "weak", _("Weak connection")
        LOST = "lost", _("Connection lost")

    space = models.ForeignKey("spaces.Space", models.CASCADE, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="seats")
    role = models.CharField(max_length=7, choices=Role)
    # What the relay lets through (rooms/relay_policy.py).
    microphone = models.BooleanField(default=False)
    camera = models.BooleanField(default=False)
    screen = models.BooleanField(default=False)
    # What of it the person's system has taken for now: at most "mic camera screen".
    interrupted = models.CharField(max_length=17, blank=True, db_default="")
    # The page tells a muted participant who it was.
    muted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # To un-mute; until when, `Attendance.may_be_asked_at` says.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    presence = models.CharField(max_length=4, choices=Presence, default=Presence.HERE)
    # The seat is held for a while from then on (RULES §6).
    lost_at = models.DateTimeField(null=True, blank=True)
    order = models.PositiveIntegerField(help_text=_("Place by arrival; the lowest came first."))
    role_since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(
        default=timezone.now, help_text=_("Last sign of life that is not in Redis.")
    )
    # Only the same page back in time keeps its microphone on (RULES §6).
    page = models.CharField(max_length=40, blank=True, help_text=_("The page that holds the seat."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["space", "user"], name="spaces_seat_once"),
            # While the role goes from one user to another the old host's row is written first.
            models.UniqueConstraint(
                fields=["space"], condition=Q(role="host"), name="spaces_seat_one_host"
            ),
            # The seat is held from `lost_at` on, so a lost one has it and no other.
            models.CheckConstraint(
                condition=Q(presence="lost", lost_at__isnull=False)
                | (~Q(presence="lost") & Q(lost_at__isnull=True)),
                name="spaces_seat_lost_has_time",
            ),
        ]
        ordering = ["order"]

    def __str__(self) -> str:
        return f"{self.user_id} as {self.role} in {self.space_id}"


class SpeakRequest(models.Model):
    """A listener asks for a seat.

    `lost_at` is since when they are gone; the place in the queue is held for a while.
    """

    space = models.ForeignKey("spaces.Space", models.CASCADE, related_name="requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    reason = LineField(max_length=columns.PARAGRAPH_CHARS, blank=True)
    requested_at = models.DateTimeField()
    lost_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["space", "user"], name="spaces_request_once")
        ]
        # The order of the queue.
        ordering = ["requested_at", "id"]

    def __str__(self) -> str:
        return f"{self.user_id} asks to speak in {self.space_id}"


class Invitation(models.Model):
    """One open question to a person: speak, be co-host, or (role host) take over.

    A newer one replaces it.
    """

    space = models.ForeignKey("spaces.Space", models.CASCADE, related_name="invitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    role = models.CharField(max_length=7, choices=Seat.Role)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["space", "user"], name="spaces_invitation_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} invited as {self.role} to {self.space_id}"
