"""What users are told on the site: one row a recipient and event."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    class Kind(models.TextChoices):
        FOLLOW = "follow", _("followed you")
        FOLLOW_REQUEST = "follow_request", _("asks to follow you")
        FOLLOW_ACCEPTED = "follow_accepted", _("accepted your request to follow")
        LIKE = "like", _("liked your post")
        REPOST = "repost", _("reposted your post")
        REPLY = "reply", _("replied to you")
        MENTION = "mention", _("mentioned you")
        QUOTE = "quote", _("quoted you")
        SPACE_LIVE = "space_live", _("is live")
        SPACE_REMINDER = "space_reminder", _("starts soon")
        SPACE_CHANGED = "space_changed", _("has a new time")
        SPACE_CANCELLED = "space_cancelled", _("was cancelled")
        SPACE_LATE = "space_late", _("has not started yet")
        SPACE_DUE = "space_due", _("is to start now")
        DECISION = "decision", _("Our staff decided on something of yours")

    # `target_kind` and `target_id` name a thing, mostly of another app: see
    # accounts/extension_points/kinds.py.
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    target_kind = models.CharField(max_length=20, blank=True)
    target_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    # Its topic was switched off on the site when it happened; the daily mail may still tell it.
    is_hidden = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "-id"]),
            models.Index(
                fields=["recipient"], condition=Q(read_at=None), name="accounts_notification_unread"
            ),
        ]
        constraints = [
            # Liking, unliking and liking again tells the author once. NULLs differ, so what the
            # site itself tells is not limited.
            models.UniqueConstraint(
                fields=["recipient", "actor", "kind", "target_kind", "target_id"],
                name="accounts_notification_once",
            ),
            models.UniqueConstraint(
                fields=["recipient", "actor", "kind"],
                condition=Q(target_id=None, actor__isnull=False),
                name="accounts_notification_person_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient_id}"
