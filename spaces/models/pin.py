"""Posts pinned to a room."""

from django.conf import settings
from django.db import models


class Pin(models.Model):
    space = models.ForeignKey("spaces.Space", models.CASCADE, related_name="pins")
    post = models.ForeignKey("posts.Post", models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        # Pinned by two at once it hangs once.
        constraints = [models.UniqueConstraint(fields=["space", "post"], name="spaces_pin_once")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.post_id} pinned to {self.space_id}"
