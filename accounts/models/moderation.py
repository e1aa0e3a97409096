"""Decisions of staff, suspensions, and appeals against decisions."""

from datetime import datetime
from typing import Any, ClassVar, Never, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.db.text_fields import LinesField

NOTE_CHARS = 1000
APPEAL_CHARS = 1000


class DecisionQuerySet(models.QuerySet["Decision"]):
    def update(self, **kwargs: Any) -> Never:  # Any: whatever a caller tries to set.
        raise TypeError("The log is append-only.")

    def delete(self) -> Never:
        raise TypeError("The log is append-only.")


class Decision(models.Model):
    """One action of staff, written in its transaction and never changed.

    The keys have no constraint in the database, so that no deleted account or report touches the
    log; handles and texts are copied. A trigger in the database refuses changes, too (see its
    migration).
    """

    class Action(models.TextChoices):
        DISMISS = "dismiss", _("Nothing to do")
        NOTE = "note", _("Note among staff")
        WARN = "warn", _("Warned")
        REMOVE = "remove", _("Removed")
        END = "end", _("Ended the Space")
        MUTE = "mute", _("Muted in a room")
        PUT_OUT = "put_out", _("Removed from a room")
        SUSPEND = "suspend", _("Suspended")
        REINSTATE = "reinstate", _("Reinstated")
        UPHOLD = "uphold", _("Appeal refused")
        OVERTURN = "overturn", _("Appeal granted")

    # What is done against a user, who may appeal.
    AGAINST = (Action.WARN, Action.REMOVE, Action.END, Action.PUT_OUT, Action.SUSPEND)
    # What the user concerned never hears of.
    AMONG_STAFF = (Action.DISMISS, Action.NOTE)

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    actor_handle = models.CharField(_("by"), max_length=30, blank=True)
    action = models.CharField(_("action"), max_length=10, choices=Action)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="decisions",
        db_constraint=False,
    )
    person_handle = models.CharField(_("person"), max_length=30, blank=True)
    target_kind = models.CharField(_("kind"), max_length=20, blank=True)
    target_id = models.BigIntegerField(_("id"), null=True)
    target_text = models.TextField(_("what it was"), blank=True)
    report = models.ForeignKey(
        "accounts.Report",
        models.DO_NOTHING,
        null=True,
        related_name="decisions",
        db_constraint=False,
    )
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    note = LinesField(_("note"), max_length=NOTE_CHARS, blank=True)
    until = models.DateTimeField(_("until"), null=True)
    at = models.DateTimeField(_("when"))

    objects: ClassVar[models.Manager["Decision"]] = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "-id"], name="accounts_decision_of_person")]
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        actor = self.actor_handle or "system"
        target = self.person_handle or self.target_kind
        return f"{actor}: {self.action} {target}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own signature.
        if not self._state.adding:
            raise TypeError("The log is append-only.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("accounts:decision", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> Never:  # Any: Django's own signature.
        raise TypeError("The log is append-only.")

    @property
    def may_be_appealed(self) -> bool:
        return self.action in self.AGAINST


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def open(self) -> Self:
        return self.filter(lifted_at=None)

    def over(self, now: datetime) -> Self:
        """Return those whose end has come and that are not lifted yet."""
        return self.open().filter(until__lte=now)


class Suspension(models.Model):
    """While one is open the account is inactive: no login, no socket, no media.

    `until` None: until staff lift it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="suspensions")
    decision = models.OneToOneField(
        Decision, models.CASCADE, related_name="suspension", db_constraint=False
    )
    began_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SuspensionQuerySet] = (  # The manager has its methods.
        SuspensionQuerySet.as_manager()  # type: ignore[assignment]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(lifted_at=None), name="accounts_suspension_one_open"
            )
        ]
        indexes = [
            models.Index(
                fields=["until"], condition=Q(lifted_at=None), name="accounts_suspension_ends"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} until {self.until or 'lifted'}"


class Appeal(models.Model):
    """What a user answers to a decision against them; once."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        UPHELD = "upheld", _("The decision stands")
        OVERTURNED = "overturned", _("The decision is taken back")

    # One to one: of two answers at the same moment the database refuses one.
    decision = models.OneToOneField(
        Decision, models.CASCADE, related_name="appeal", db_constraint=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="appeals")
    text = LinesField(_("in their words"), max_length=APPEAL_CHARS)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    answer = LinesField(_("answer"), max_length=NOTE_CHARS, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-created_at"])]

    def __str__(self) -> str:
        return f"appeal of {self.person_id} against {self.decision_id}"
