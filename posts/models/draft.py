"""What somebody began to write and put aside. Words, poll and settings are kept; pictures and recordings are not."""

from django.conf import settings
from django.db import models

from posts.models.post import Post


class Draft(models.Model):
    """`fields` is what services/drafts.py puts into the composer again."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    reply_to = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")
    quote_of = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["author", "-updated_at"], name="posts_drafts_newest")]

    def __str__(self) -> str:
        return f"draft {self.pk} of {self.author_id}"
