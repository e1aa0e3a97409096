"""A word, phrase or hashtag that a user does not want to read."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.db import columns
from config.db.clock import Now
from config.db.text_fields import LineField

# Folding may lengthen: "ﷺ" becomes 18 letters.
FOLDED_CHARS = columns.NAME_CHARS * 4


class MutedWordQuerySet(models.QuerySet["MutedWord"]):
    def in_force(self) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=Now()))


class MutedWord(models.Model):
    """`word` is as it was typed, `folded` as it is compared. `until` None: until it is removed."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="muted_words")
    word = LineField(max_length=columns.NAME_CHARS)
    folded = models.CharField(max_length=FOLDED_CHARS)
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[MutedWordQuerySet] = (  # The manager has its methods.
        MutedWordQuerySet.as_manager()  # type: ignore[assignment]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "folded"], name="accounts_muted_word_once")
        ]
        ordering = ["folded"]

    def __str__(self) -> str:
        return f"{self.owner_id} mutes {self.word}"
