"""A Space: the thing with a title, a time and an address that never changes.

Its live state hangs on it by rows.
"""

import secrets
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, User
from accounts.models.user import not_away
from config.db import columns
from config.db.text_fields import LineField

# No 0, O, I, l: people read ids aloud.
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PUBLIC_ID_CHARS = 12  # 58^12 is about 2^70: not to be guessed, not to be counted.
PUBLIC_ID = rf"[{BASE58}]{{{PUBLIC_ID_CHARS}}}"


def new_public_id() -> str:
    return "".join(secrets.choice(BASE58) for _ in range(PUBLIC_ID_CHARS))


class SpaceQuerySet(models.QuerySet["Space"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Leave out Spaces the viewer may not know of.

        That is: the host's green room (but to the host), Spaces whose host is away (unless a
        co-host stands in) or across a block from the viewer, and Spaces that removed the viewer.
        The same rule serves pages, API, cards, search and sockets.
        """
        public = ~Q(state=Space.State.GREEN) | Q(scheduled_for__isnull=False)
        in_charge = not_away("host") | Q(acting_host__isnull=False)
        if viewer is None or not viewer.pk:
            return self.filter(public, in_charge)
        if viewer.acts_as_staff:
            return self
        hidden_hosts = Q(host__in=Block.objects.filter(blocked=viewer).values("blocker"))
        hidden_hosts |= Q(host__in=Block.objects.filter(blocker=viewer).values("blocked"))
        shown = Q(public, in_charge) & ~hidden_hosts & ~Q(bans__user=viewer)
        return self.filter(shown | Q(host=viewer))

    def live(self) -> Self:
        return self.filter(state=Space.State.LIVE)

    def upcoming(self) -> Self:
        return self.filter(
            state__in=(Space.State.SCHEDULED, Space.State.GREEN), scheduled_for__isnull=False
        )

    def listed(self) -> Self:
        """Leave out rooms whose host is lost and nobody stands in (RULES §9)."""
        return self.filter(host_lost_until__isnull=True)

    def open_to(self, viewer: User | None) -> Self:
        """Leave out what a list must not offer because the viewer could not enter.

        That is a live room that is locked (but to those who were in it), and for visitors what is
        not for visitors.
        """
        if viewer is None or not viewer.pk:
            return self.filter(visitors_allowed=True).exclude(state=Space.State.LIVE, locked=True)
        if viewer.acts_as_staff:
            return self
        locked = Q(state=Space.State.LIVE, locked=True)
        return self.exclude(
            locked & ~Q(host=viewer) & ~Q(pk__in=viewer.attendances.values("space"))
        )

    def with_people(self) -> Self:
        """Fetch what a card draws with a fixed number of queries."""
        return self.select_related("host").prefetch_related("topics", "seats__user")


class Space(models.Model):
    """One Space.

    Everything the room rules decide on is in this row and in the rows that point to it. Code
    outside `rooms/` and `services/` reads this row and never writes it.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        GREEN = "green", _("Green room")
        LIVE = "live", _("Live")
        ENDED = "ended", _("Ended")
        CANCELLED = "cancelled", _("Cancelled")

    class SpeakRule(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        FOLLOWED = "followed", _("People I follow")
        INVITED = "invited", _("Only people I invite")

    class EndReason(models.TextChoices):
        HOST = "host", _("Ended by the host")
        HOST_LOST = "host_lost", _("The host lost the connection")
        MODERATORS = "moderators", _("Ended by moderators")
        TOO_LONG = "too_long", _("Reached the longest time")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.CharField(
        max_length=PUBLIC_ID_CHARS, unique=True, editable=False, default=new_public_id
    )
    host = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="hosted_spaces")
    # Who opened it; the host may be another user by now.
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="created_spaces"
    )
    title = LineField(_("title"), max_length=columns.NAME_CHARS)
    topics = models.ManyToManyField("spaces.Topic", related_name="spaces", blank=True)
    # What is spoken, whatever the language of the page.
    language = models.CharField(_("language"), max_length=8, default="en")
    state = models.CharField(max_length=9, choices=State, default=State.GREEN)
    # One more with each change that a client can see; a gap tells it to ask for a snapshot.
    rev = models.PositiveBigIntegerField(default=1)

    speak_rule = models.CharField(max_length=8, choices=SpeakRule, default=SpeakRule.INVITED)
    requests_open = models.BooleanField(default=True)
    video_enabled = models.BooleanField(_("enable video"), default=False)
    recording_wanted = models.BooleanField(_("record"), default=False)
    transcript_wanted = models.BooleanField(_("keep a transcript"), default=False)
    visitors_allowed = models.BooleanField(
        _("visitors without an account may listen"), default=True
    )
    mics_locked = models.BooleanField(default=False)
    locked = models.BooleanField(default=False)
    is_recording = models.BooleanField(default=False)
    spotlight = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    # Both only while the host is away: who stands in, and when the room ends without a return.
    acting_host = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    host_lost_until = models.DateTimeField(null=True, blank=True)

    scheduled_for = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    # What the host's clock will show; `scheduled_for` is worked out from it
    # (rooms/wall_clock.py).
    wall_time = models.CharField(max_length=26, blank=True, editable=False)
    wall_fold = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    end_reason = models.CharField(max_length=10, choices=EndReason, blank=True)
    # Counted once, at the end; while live Redis knows.
    listened = models.PositiveIntegerField(default=0)
    spoke = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager["Space"]] = SpaceQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two rooms have two locks, so only the database can hold a host to one live room.
            models.UniqueConstraint(
                fields=["host"],
                condition=Q(state="live"),
                name="spaces_one_live_per_host",
                violation_error_message=_("You already have a live Space."),
            ),
            models.CheckConstraint(condition=~Q(title=""), name="spaces_title_given"),
            models.CheckConstraint(
                condition=Q(state="live")
                | Q(acting_host__isnull=True, host_lost_until__isnull=True),
                name="spaces_nobody_stands_in_unless_live",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(scheduled_for__isnull=False),
                name="spaces_scheduled_has_time",
            ),
        ]
        indexes = [
            # Lists of live rooms; what comes, and what is overdue; a profile.
            models.Index(fields=["state", "-started_at"]),
            models.Index(fields=["state", "scheduled_for"]),
            models.Index(fields=["host", "-created_at"]),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("spaces:space", args=[self.public_id])

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.ENDED, self.State.CANCELLED)
