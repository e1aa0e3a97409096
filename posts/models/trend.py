"""Trends: hashtags in use now, counted by a task once a minute, so that no page counts."""

from django.db import models


class Trend(models.Model):
    rank = models.PositiveSmallIntegerField(unique=True)
    name = models.CharField(max_length=100)
    shown = models.CharField(max_length=100)
    use_count = models.PositiveIntegerField()
    people_count = models.PositiveIntegerField()
    counted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["rank"]

    def __str__(self) -> str:
        return f"{self.rank}. #{self.shown}"
