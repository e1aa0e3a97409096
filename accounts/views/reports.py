"""The form that reports something to the staff."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import Report
from accounts.models.report import TEXT_CHARS
from accounts.moderation import reports
from accounts.views.responses import me
from config.http.rate_limits import limited
from config.http.text_fields import LinesField


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong?"), choices=Report.Reason.choices, widget=forms.RadioSelect
    )
    text = LinesField(
        label=_("In your words, if you like"),
        required=False,
        max_length=TEXT_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited("report")
def report(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    reporter = me(request)
    seen = reports.describe(kind, pk, reporter)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"seen": seen, "form": form}
        status = 422 if form.is_bound else 200
        return render(request, "accounts/report.html", context, status=status)
    reason = Report.Reason(form.cleaned_data["reason"])
    reports.report(reporter, kind, pk, reason, form.cleaned_data["text"])
    messages.success(
        request, _("Thank you. Our staff will look at it; nobody else learns that it was you.")
    )
    return redirect(seen.url)
