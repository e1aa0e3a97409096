"""Which notifications a user wants by which way, and when none.

What holds without a row: accounts/notifications/preferences.py.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q


class NotificationPreferences(models.Model):
    """`changed` holds the switches that differ from the defaults: {"likes.push": true}."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="notification_preferences",
    )
    changed = models.JSONField(default=dict)
    # In the user's own zone. If `quiet_until` is the earlier one, they go over midnight.
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    digested_up_to = models.BigIntegerField(
        default=0, help_text="Id of the last alert that an e-mail has told."
    )

    class Meta:
        db_table = "accounts_noticesettings"  # The name that former versions know it by.
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="accounts_quiet_hours_have_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"
