"""A copy of a user's data, for them alone: a zip file that a worker makes and that expires."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class DataExport(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    percent = models.PositiveSmallIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    # Moves while the worker writes; a run whose time stands still has died and may be begun again.
    touched_at = models.DateTimeField(auto_now=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Of two clicks at once one is refused: see `ask` in accounts/services/data_export.py.
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(state__in=["waiting", "running"]),
                name="accounts_export_one_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="accounts_exports_newest")]

    def __str__(self) -> str:
        return f"export {self.pk} of {self.owner_id}"

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}
