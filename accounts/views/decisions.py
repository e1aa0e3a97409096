"""A decision of staff, and the one appeal against it.

Reached from the alert, or from the mail without a login.
"""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Appeal, Decision, Report
from accounts.models.moderation import APPEAL_CHARS
from accounts.moderation import appeals
from accounts.moderation.permission import DecisionRefused
from accounts.views.responses import me
from config.http.rate_limits import limited_posts
from config.http.search_engines import kept_from_search
from config.http.text_fields import LinesField


class AppealForm(forms.Form):
    text = LinesField(
        label=_("Why it is wrong, in your words"),
        max_length=APPEAL_CHARS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("You can answer once. Somebody of the staff reads it."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited_posts("report")
def mine(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, appeals.find_for(me(request), pk))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@kept_from_search
@limited_posts("report")
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Show the decision of a secret address; a suspended user cannot log in."""
    return _page(request, appeals.find(token))


def _page(request: HttpRequest, decision: Decision) -> HttpResponse:
    form = AppealForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            appeals.appeal(decision, form.cleaned_data["text"])
        except DecisionRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, gettext("We have your answer and will look at the decision again.")
            )
            # A suspended user has the mailed address alone.
            return redirect(request.path)
    context = {
        "decision": decision,
        "appeal": Appeal.objects.filter(decision=decision).first(),
        "form": form,
        "reason": dict(Report.Reason.choices).get(decision.reason, ""),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/decision.html", context, status=status)
