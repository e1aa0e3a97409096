"""A request to follow a user who approves their followers."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class FollowRequest(models.Model):
    """Stands until `followed` approves or declines, or `follower` takes it back."""

    follower = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="follow_requests_made"
    )
    followed = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="follow_requests_received"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["follower", "followed"], name="accounts_follow_request_once"
            ),
            models.CheckConstraint(
                condition=~Q(follower=F("followed")), name="accounts_follow_request_not_self"
            ),
        ]
        indexes = [models.Index(fields=["followed", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.follower_id} asks to follow {self.followed_id}"
