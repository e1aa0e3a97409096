"""A browser that shows notifications also while no page of the site is open (RFC 8030)."""

from django.conf import settings
from django.db import models

ENDPOINT_CHARS = 1000


class PushSubscription(models.Model):
    """One browser, and one login in it: when that ends, so does this.

    The keys are the browser's (RFC 8291).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions"
    )
    # Of the login: when that is over, this browser is told nothing more.
    session_key = models.CharField(max_length=40)
    endpoint = models.CharField(max_length=ENDPOINT_CHARS, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    user_agent = models.CharField(max_length=300, blank=True)
    # Deliveries in a row that did not work, and since when: one that never works again goes.
    failures = models.PositiveIntegerField(default=0, db_default=0)
    failing_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"browser {self.pk} of {self.user_id}"
