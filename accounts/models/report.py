"""What a user reports to the staff, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.moderation import NOTE_CHARS
from config.db.text_fields import LinesField

TEXT_CHARS = 1000


class Report(models.Model):
    """The reporter stays anonymous: only staff see this row (RULES §9)."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("Spam or a scam")
        HARASSMENT = "harassment", _("Harassment or hate")
        VIOLENCE = "violence", _("Threats or violence")
        SEXUAL = "sexual", _("Sexual content nobody asked for")
        IMPERSONATION = "impersonation", _("Pretending to be somebody else")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACTED = "acted", _("Something was done")
        DISMISSED = "dismissed", _("Nothing to do")

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="reports_made"
    )
    target_kind = models.CharField(_("kind"), max_length=20)
    target_id = models.BigIntegerField(_("id"))
    # What it said and where it was when it was reported: the author may edit or delete it
    # meanwhile.
    target_url = models.CharField(_("address"), max_length=300)
    target_text = models.TextField(_("said"), blank=True)
    # The owner: whom a suspension would concern, and who may appeal.
    target_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports_received",
    )
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    text = LinesField(_("in their words"), max_length=TEXT_CHARS, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    note = LinesField(_("note"), max_length=NOTE_CHARS, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    created_at = models.DateTimeField(_("reported"), auto_now_add=True)

    class Meta:
        constraints = [
            # A second press changes nothing: see `report` in accounts/moderation/reports.py.
            models.UniqueConstraint(
                fields=["reporter", "target_kind", "target_id"],
                condition=Q(state="open"),
                name="accounts_report_open_once",
            )
        ]
        indexes = [models.Index(fields=["state", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.target_kind} {self.target_id}: {self.reason}"
