"""A handle that nobody can take for a time: it was somebody's until lately."""

from django.db import models


class RestingHandle(models.Model):
    """`handle` is in small letters. Nothing else is kept of whose it was."""

    handle = models.CharField(max_length=30, unique=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"@{self.handle} until {self.until:%Y-%m-%d}"
