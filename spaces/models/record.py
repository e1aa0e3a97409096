"""What is kept about users in a Space: that they came, were removed, and what was done to whom."""

from typing import Any, ClassVar, Never

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Attendance(models.Model):
    """One row a user and Space, however often they come.

    Holds the counts of the end and the waits of RULES §5.
    """

    space = models.ForeignKey("spaces.Space", models.CASCADE, related_name="attendances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attendances")
    first_joined_at = models.DateTimeField(auto_now_add=True)
    was_on_stage = models.BooleanField(default=False)
    # None or past: they may ask again, and be asked to un-mute again.
    may_request_at = models.DateTimeField(null=True, blank=True)
    may_be_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["space", "user"], name="spaces_attendance_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} came to {self.space_id}"


class Ban(models.Model):
    """Removed from this Space: no tab of the account may come back (RULES §5)."""

    space = models.ForeignKey("spaces.Space", models.CASCADE, related_name="bans")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # A removal outlives the account of the one who decided it.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "user"], name="spaces_ban_once")]

    def __str__(self) -> str:
        return f"{self.user_id} is removed from {self.space_id}"


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> Never:  # Any: whatever a caller tries to set.
        raise TypeError("The log is append-only.")

    def delete(self) -> Never:
        raise TypeError("The log is append-only.")


class AuditEntry(models.Model):
    """What a host, co-host or moderator did.

    Written in the transaction of the action, never changed. The keys have no constraint in the
    database, so that neither a deleted account nor a deleted Space touches the log; names are
    copied. A trigger refuses changes below this class (migration 0002).
    """

    space = models.ForeignKey(
        "spaces.Space",
        models.DO_NOTHING,
        related_name="audit",
        db_constraint=False,
        verbose_name=_("Space"),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    # Copies: the log stays readable when the account is gone.
    actor_handle = models.CharField(max_length=30, blank=True)
    actor_role = models.CharField(max_length=10)
    action = models.CharField(max_length=40)
    target = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    target_handle = models.CharField(max_length=30, blank=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects: ClassVar[models.Manager["AuditEntry"]] = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        # The log of one room, in its order.
        indexes = [models.Index(fields=["space", "id"])]
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.actor_handle or 'system'}: {self.action} {self.target_handle}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own signature.
        if not self._state.adding:
            raise TypeError("The log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Never:  # Any: Django's own signature.
        raise TypeError("The log is append-only.")
