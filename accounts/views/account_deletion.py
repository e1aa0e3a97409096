"""Delete the account, and take that back."""

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

from accounts import reauthentication
from accounts.allauth_adapter import LEAVING_KEY
from accounts.models import User
from accounts.services import account_deletion
from accounts.views.responses import me
from config.http.rate_limits import limited_posts
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

    def __init__(self, person: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # What a form takes.
        self._person = person

    def clean_handle(self) -> str:
        typed: str = self.cleaned_data["handle"].strip().removeprefix("@")
        # Handles that differ in case alone are one (`accounts_user_handle_once`).
        if typed.lower() != self._person.handle.lower():
            raise ValidationError(_("That is not your handle."), code="other")
        return typed


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication.required
@limited_posts("settings")
def leave(request: HttpRequest) -> HttpResponse:
    """Behind a fresh login: a borrowed phone must not be enough."""
    person = me(request)
    posted = request.POST if request.method == "POST" else None
    form = LeaveForm(person, posted, initial=reauthentication.kept_words(request))
    status = 422 if form.is_bound else 200
    if form.is_valid():
        at_once = form.cleaned_data["when"] == "now"
        try:
            account_deletion.leave(person, at_once=at_once)
        except PermissionError as error:
            form.add_error(None, str(error))
            status = 403
        else:
            logout(request)
            return redirect("accounts:gone" if at_once else "accounts:going")
    context = {
        "form": form,
        "days": LIMITS.leave_grace_s // _DAY_S,
        "is_staff": person.is_staff,
    }
    return render(request, "accounts/leave.html", context, status=status)


@require_http_methods(["GET", "HEAD"])
def going(request: HttpRequest) -> HttpResponse:
    """Say that the account is hidden; a page for visitors, since its user is logged out."""
    return render(request, "accounts/gone.html", {"days": LIMITS.leave_grace_s // _DAY_S})


@require_http_methods(["GET", "HEAD"])
def gone(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/gone.html", {"days": 0})


@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """Ask a user who logged in while their account waits to be deleted.

    accounts/allauth_adapter.py leads here.
    """
    proved_for = request.session.get(LEAVING_KEY, 0)
    person = User.objects.filter(account_deletion=proved_for).first()
    deletion = account_deletion.may_come_back(person) if person else None
    if person is None or deletion is None:
        raise Http404("No account of this browser waits to be deleted.")
    if request.method != "POST":
        return render(request, "accounts/come_back.html", {"person": person, "departure": deletion})
    account_deletion.come_back(person)
    del request.session[LEAVING_KEY]
    # Who was asked is not logged in: the session holds an id alone.
    messages.success(request, _("Your account is back. Log in to go on."))
    return redirect("account_login")
