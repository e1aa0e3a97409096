"""Who wants to be told of a Space, and what is due to whom: one row a Space, user and kind."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.user import not_away


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def waiting(self) -> Self:
        return self.filter(fired_at=None)

    def subscriptions(self) -> Self:
        """Keep the rows that stand for "this user wants to be told".

        One a subscriber who is not away, whatever else they are due.
        """
        return self.filter(not_away("user"), kind=Reminder.Kind.LIVE)


class Reminder(models.Model):
    """One thing that one user is to be told of a Space.

    `due_at` None waits for something to happen: the start, a new time, the end. `fired_at` None is
    unclaimed. A row is claimed and what it tells is written in one transaction, so that it is told
    exactly once.
    """

    class Kind(models.TextChoices):
        EARLY = "early", _("Before the time")
        LIVE = "live", _("When it starts")
        LATE = "late", _("When the host is late")
        MOVED = "moved", _("When it gets another time")
        CANCELLED = "cancelled", _("When it is called off")
        HOST_EARLY = "host_early", _("To the host, before the time")
        HOST_DUE = "host_due", _("To the host, at the time")

    class Outcome(models.TextChoices):
        WAITING = "", _("Waiting")
        TOLD = "told", _("Told")
        SKIPPED = "skipped", _("Not right any more")
        DROPPED = "dropped", _("Too late to be of use")

    space = models.ForeignKey("spaces.Space", models.CASCADE, related_name="reminders")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="space_reminders"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    # The sweep compares it with the clock; an eta in the broker would be lost with the broker.
    due_at = models.DateTimeField(null=True, blank=True)
    fired_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING, blank=True)
    claim = models.UUIDField(null=True, blank=True, help_text=_("The sweep that took it."))

    objects: ClassVar[models.Manager["Reminder"]] = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["space", "user", "kind"], name="spaces_reminder_once")
        ]
        # The sweep looks for due rows and finds its claim again; pages count who waits.
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(fired_at=None), name="spaces_reminder_due"
            ),
            models.Index(fields=["space", "kind"], name="spaces_reminder_of_space"),
            models.Index(
                fields=["claim"], condition=Q(claim__isnull=False), name="spaces_reminder_claimed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.space_id} to {self.user_id}"
