"""How one is told: the switches, the quiet hours, the browsers that take pushes, the link at the
end of a letter.
"""

import json
from datetime import time

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from django_stubs_ext import StrPromise

from accounts.models import NotificationPreferences, PushSubscription, User
from accounts.models.push_subscription import ENDPOINT_CHARS
from accounts.notifications import email, preferences, push, vapid
from accounts.notifications.preferences import ALWAYS_ON, WAYS, Topic
from accounts.views.responses import me, refused, viewer_of
from config.http.rate_limits import hit, limited, who_asks

BODY_BYTES = 8192
QUIET_DEFAULT = (time(22), time(7))  # What the fields show to who has none yet.


def _clock(label: StrPromise) -> forms.TimeField:
    """A field as browsers write it, in every language: 22:00."""
    widget = forms.TimeInput({"type": "time"}, format="%H:%M")
    return forms.TimeField(
        label=label, required=False, widget=widget, input_formats=["%H:%M", "%H:%M:%S"]
    )


class QuietForm(forms.Form):
    is_quiet = forms.BooleanField(label=gettext_lazy("Quiet hours"), required=False)
    quiet_from = _clock(gettext_lazy("From"))
    quiet_until = _clock(gettext_lazy("Until"))

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        if data.get("is_quiet") and not self.errors:
            begin, end = data.get("quiet_from"), data.get("quiet_until")
            if begin is None or end is None:
                raise ValidationError(_("Say when the quiet hours begin and end."), code="missing")
            if begin == end:
                raise ValidationError(
                    _("Quiet hours that begin when they end are none."), code="same"
                )
        return data

    def hours(self) -> tuple[time, time] | None:
        data = self.cleaned_data
        return (data["quiet_from"], data["quiet_until"]) if data["is_quiet"] else None


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def index(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _save(request)
    return _page(request, _form_of(me(request)))


@limited("settings")
def _save(request: HttpRequest) -> HttpResponse:
    form = QuietForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    on = set(request.POST.getlist("on"))
    switches = {(topic, way): f"{topic.value}.{way}" in on for topic in Topic for way in WAYS}
    preferences.save(me(request), switches, form.hours())
    messages.success(request, _("Saved."))
    return redirect("accounts:notices")


def _form_of(person: User) -> QuietForm:
    row = NotificationPreferences.objects.filter(user=person).first()
    is_quiet = bool(row and row.quiet_from)
    begin, end = (row.quiet_from, row.quiet_until) if row and is_quiet else QUIET_DEFAULT
    return QuietForm(initial={"is_quiet": is_quiet, "quiet_from": begin, "quiet_until": end})


def _page(request: HttpRequest, form: QuietForm, status: int = 200) -> HttpResponse:
    person = me(request)
    wish = preferences.of_user(person)
    rows = [
        {
            "topic": topic,
            "switches": [
                {"way": way, "is_on": wish.wants(topic, way), "is_fixed": (topic, way) in ALWAYS_ON}
                for way in WAYS
            ],
        }
        for topic in Topic
    ]
    context = {
        "form": form,
        "rows": rows,
        "browsers": PushSubscription.objects.filter(user=person).order_by("-pk"),
        "push_key": vapid.public_key(),
    }
    return render(request, "accounts/notices.html", context, status=status)


@require_POST
def subscribe(request: HttpRequest) -> JsonResponse:
    """Take a browser's subscription as JSON, the way `PushSubscription.toJSON()` writes it; a
    script asks.
    """
    person = viewer_of(request)
    if person is None:
        return refused(403, "log_in", _("Log in first."))
    if not hit("settings", who_asks(request)):
        return refused(429, "rate_limited", _("That was a bit fast. Wait a moment and try again."))
    said = _said(request)
    keys = said.get("keys")
    if not isinstance(keys, dict):
        return refused(422, "bad_keys", _("Your browser sent something we do not understand."))
    endpoint, p256dh, auth = (
        str(one) for one in (said.get("endpoint"), keys.get("p256dh"), keys.get("auth"))
    )
    agent = request.headers.get("User-Agent", "")
    try:
        push.subscribe(person, request.session.session_key or "", endpoint, p256dh, auth, agent)
    except ValidationError as error:
        return refused(422, error.code or "invalid", error.messages[0])
    return JsonResponse({}, status=201)


@require_POST
def unsubscribe_browser(request: HttpRequest) -> JsonResponse:
    """Forget the browser with this `endpoint`; one that is not there, or somebody else's, stays as
    it is.
    """
    person = viewer_of(request)
    if person is None:
        return refused(403, "log_in", _("Log in first."))
    push.unsubscribe(person, str(_said(request).get("endpoint"))[:ENDPOINT_CHARS])
    return JsonResponse({})


@require_POST
@login_required
def remove_browser(request: HttpRequest, pk: int) -> HttpResponse:
    PushSubscription.objects.filter(user=me(request), pk=pk).delete()
    messages.success(request, _("That browser shows nothing any more."))
    return redirect("accounts:notices")


def _said(request: HttpRequest) -> dict[str, object]:
    """Return the JSON object that was sent; an empty one for anything else."""
    if len(request.body) > BODY_BYTES:
        return {}
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


# A mail program presses the button: it has the link alone, which names the person (RFC 8058 §3.2).
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End all e-mails about alerts.

    A GET only asks: programs that look at links must not press them.
    """
    person = email.user_of(token)
    if person is None:
        return render(request, "accounts/unsubscribed.html", {"is_bad": True}, status=404)
    if request.method == "POST":
        preferences.switch_off(person, "email")
    return render(
        request, "accounts/unsubscribed.html", {"is_done": request.method == "POST", "token": token}
    )
