"""What a Space is about: a word shared by many Spaces, so that the tab can filter by it."""

from django.db import models

from config.db import columns
from config.db.text_fields import LineField


class Topic(models.Model):
    """One topic. `name` is as people read it; `key` is the folded form that makes it one topic."""

    # As the first host wrote it; others who write it otherwise mean the same topic.
    name = LineField(max_length=columns.TOPIC_CHARS)
    key = models.CharField(max_length=columns.TOPIC_CHARS, unique=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name
