"""The secret address of a user's own calendar feed.

Calendar programs cannot log in, so the address is the key.
"""

import secrets

from django.conf import settings
from django.db import models


def new_secret() -> str:
    return secrets.token_urlsafe(24)  # 192 bits: the address is all that protects the feed.


class CalendarFeed(models.Model):
    """Made when the user first asks for it; no row means no feed.

    A new secret shuts the old address.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed"
    )
    secret = models.CharField(max_length=43, unique=True, default=new_secret)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
