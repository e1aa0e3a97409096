"""Why staff decide something, and for how long."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Report
from accounts.models.moderation import NOTE_CHARS
from accounts.moderation.decisions import Reasons
from config.http.text_fields import LinesField

FOR_EVER = "0"
SUSPENSION_DAYS = [
    ("1", _("1 day")),
    ("7", _("7 days")),
    ("30", _("30 days")),
    (FOR_EVER, _("Until staff lift it")),
]


class ReasonForm(forms.Form):
    """Why, a note that the user concerned reads too, and for how long."""

    # Without one the reason of the report stands (`decisions`).
    reason = forms.ChoiceField(label=_("Reason"), choices=Report.Reason.choices, required=False)
    note = LinesField(
        label=_("Note"),
        max_length=NOTE_CHARS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The person concerned reads this too."),
    )
    days = forms.ChoiceField(
        label=_("Suspend for"), choices=SUSPENSION_DAYS, required=False, initial="7"
    )

    def reasons(self) -> Reasons:
        days = int(self.cleaned_data.get("days") or FOR_EVER)
        until = timezone.now() + timedelta(days=days) if days else None
        reason = self.cleaned_data.get("reason", "")
        note = self.cleaned_data.get("note", "")
        return Reasons(reason, note, until)
