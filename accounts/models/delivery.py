"""The outbox: what is to be sent by push or e-mail. One row for each way and event."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.push_subscription import PushSubscription

KEY_CHARS = 120


class Delivery(models.Model):
    """Written in the transaction of what it tells. `key` names the event.

    The same event is never told twice. The life of a row:

    waiting --(claimed by one conditional UPDATE)--> sent | dropped | failed
       ^------------ tried again later ------------'
    """

    class Channel(models.TextChoices):
        PUSH = "push"
        EMAIL = "email"
        DIGEST = "digest"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DROPPED = "dropped"  # Read, taken back or stale meanwhile.
        FAILED = "failed"

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="deliveries"
    )
    subscription = models.ForeignKey(
        PushSubscription, models.CASCADE, null=True, related_name="deliveries"
    )
    channel = models.CharField(max_length=8, choices=Channel)
    key = models.CharField(max_length=KEY_CHARS)
    kind = models.CharField(max_length=20)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    target_kind = models.CharField(max_length=20, blank=True)
    target_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="waiting"), name="accounts_delivery_due"
            ),
            models.Index(fields=["created_at"], name="accounts_delivery_age"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "channel", "key"],
                condition=Q(subscription=None),
                name="accounts_delivery_once",
            ),
            models.UniqueConstraint(
                fields=["subscription", "key"],
                condition=Q(subscription__isnull=False),
                name="accounts_delivery_once_a_browser",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.key} to {self.recipient_id}: {self.state}"
