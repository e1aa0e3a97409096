"""What staff decided about me, and my one answer to it: from the alert, or from the mail without a
log-in.
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
from accounts.moderation.decisions import DecisionRefused
from accounts.views.responses import me
from config.http.rate_limits import limited_posts


class AppealForm(forms.Form):
    text = forms.CharField(
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
@limited_posts("report")
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The address is the key: who is suspended cannot log in."""
    return _page(request, appeals.find(token))


def _page(request: HttpRequest, decision: Decision) -> HttpResponse:
    form = AppealForm(request.POST or None)
    status = 200
    if request.method == "POST":
        refused = _appeal(decision, form) if form.is_valid() else ""
        if form.is_valid() and not refused:
            messages.success(
                request, gettext("We have your answer and will look at the decision again.")
            )
            return redirect(request.path)
        status = 422
    answered = Appeal.objects.filter(decision=decision).first()
    reason = dict(Report.Reason.choices).get(decision.reason, "")
    context = {"decision": decision, "appeal": answered, "form": form, "reason": reason}
    return render(request, "accounts/decision.html", context, status=status)


def _appeal(decision: Decision, form: AppealForm) -> str:
    """Return "", or the refusal, which is then in the form."""
    try:
        appeals.appeal(decision, form.cleaned_data["text"])
    except DecisionRefused as error:
        form.add_error(None, str(error))
        return str(error)
    return ""
