"""An account that its user deletes: when it is emptied, unless they come back before."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class AccountDeletion(models.Model):
    """Stands from the request until the account is emptied; it goes with the user's row."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="account_deletion"
    )
    wished_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_departure"  # The name that former versions know it by.
        indexes = [models.Index(fields=["due_at"], name="accounts_departures_due")]

    def __str__(self) -> str:
        return f"deletion of {self.user_id}"
