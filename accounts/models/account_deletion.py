"""Somebody is leaving for good: when their account is emptied, unless they come back before."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Departure(models.Model):
    """Stands from the wish to leave until the account is empty; what remains of it then is a name
    for the log.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="departure")
    wished_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="accounts_departures_due")]

    def __str__(self) -> str:
        return f"{self.user_id} leaves"
