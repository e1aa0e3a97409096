"""Delete the account, and take that back."""

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.allauth_adapter import LEAVING_KEY
from accounts.models import User
from accounts.services import account_deletion
from accounts.views.responses import me
from config.http.rate_limits import limited
from config.limits import LIMITS

_DAY_S = 86400


class LeaveForm(forms.Form):
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[
            ("later", gettext_lazy("After a time in which I can come back")),
            ("now", gettext_lazy("At once. Nothing can be brought back")),
        ],
        initial="later",
        widget=forms.RadioSelect,
    )
    handle = forms.CharField(
        label=gettext_lazy("Your handle, to be sure"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, person: User, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # What a form takes.
        self._person = person

    def clean_handle(self) -> str:
        typed: str = self.cleaned_data["handle"].strip().removeprefix("@")
        if typed.lower() != self._person.handle.lower():
            raise ValidationError(_("That is not your handle."), code="other")
        return typed


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types.
def leave(request: HttpRequest) -> HttpResponse:
    """Behind a fresh log-in: a borrowed phone must not be enough."""
    person = me(request)
    if request.method == "POST":
        return _leave(request, person)
    return _page(request, LeaveForm(person))


def _page(request: HttpRequest, form: LeaveForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "days": LIMITS.leave_grace_s // _DAY_S,
        "is_staff": me(request).is_staff,
    }
    return render(request, "accounts/leave.html", context, status=status)


@limited("settings")
def _leave(request: HttpRequest, person: User) -> HttpResponse:
    form = LeaveForm(person, request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    at_once = form.cleaned_data["when"] == "now"
    try:
        account_deletion.leave(person, at_once=at_once)
    except PermissionError as error:
        form.add_error(None, str(error))
        return _page(request, form, 403)
    logout(request)
    return redirect("accounts:gone" if at_once else "accounts:going")


@require_http_methods(["GET", "HEAD"])
def going(request: HttpRequest) -> HttpResponse:
    """Said after the account was hidden; also a page of its own, because nobody is logged in any
    more.
    """
    return render(request, "accounts/gone.html", {"days": LIMITS.leave_grace_s // _DAY_S})


@require_http_methods(["GET", "HEAD"])
def gone(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/gone.html", {"days": 0})


@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """Whoever logs in while their account waits to be deleted is asked here; see
    accounts/allauth_adapter.py.
    """
    person = User.objects.filter(pk=request.session.get(LEAVING_KEY, 0)).first()
    deletion = account_deletion.may_come_back(person) if person else None
    if person is None or deletion is None:
        raise Http404("Nobody is leaving here.")
    if request.method != "POST":
        return render(request, "accounts/come_back.html", {"person": person, "departure": deletion})
    account_deletion.come_back(person)
    del request.session[LEAVING_KEY]
    messages.success(request, _("Your account is back. Log in to go on."))
    return redirect("account_login")
