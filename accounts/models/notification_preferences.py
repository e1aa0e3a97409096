"""How somebody wants to be told: which kinds by which way, and when not.

Without a row: see services/wishes.py.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q


class NoticeSettings(models.Model):
    """`changed` holds the switches that differ from the defaults: {"likes.push": true}."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="notice_settings"
    )
    changed = models.JSONField(default=dict)
    # In the person's own zone. Until before from: over midnight.
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    digested_up_to = models.BigIntegerField(
        default=0, help_text="Id of the last alert that an e-mail has told."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="accounts_quiet_hours_have_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"notices of {self.user_id}"
