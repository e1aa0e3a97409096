"""Settings of notifications: switches, quiet hours, browsers, and the link that ends the mails."""

from dataclasses import dataclass
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

from accounts.models import PushSubscription
from accounts.models.push_subscription import ENDPOINT_CHARS
from accounts.notifications import email, preferences, push, vapid
from accounts.notifications.preferences import ALWAYS_ON, WAYS, NotificationTopic, Way
from accounts.views.responses import me, refused, viewer_of
from config import json_reader
from config.http.rate_limits import hit, limited_posts, who_asks
from config.http.search_engines import kept_from_search

BODY_BYTES = 8192  # A subscription is an address and two keys: under 2 kB.
QUIET_DEFAULT = (time(22), time(7))  # What the fields show to a user who has none yet.


def _time_field(label: StrPromise) -> forms.TimeField:
    """Return a field that reads and writes 22:00 in every language, as browsers do."""
    widget = forms.TimeInput({"type": "time"}, format="%H:%M")
    return forms.TimeField(
        label=label, required=False, widget=widget, input_formats=["%H:%M", "%H:%M:%S"]
    )


class QuietForm(forms.Form):
    is_quiet = forms.BooleanField(label=gettext_lazy("Quiet hours"), required=False)
    quiet_from = _time_field(gettext_lazy("From"))
    quiet_until = _time_field(gettext_lazy("Until"))

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        # A time that cannot be read has its error at the field already.
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
        fields = self.cleaned_data
        return (fields["quiet_from"], fields["quiet_until"]) if fields["is_quiet"] else None


@dataclass(frozen=True)
class Switch:
    """One switch of the page; `is_fixed`: shown, but the user cannot change it."""

    way: Way
    is_on: bool
    is_fixed: bool


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited_posts("settings")
def index(request: HttpRequest) -> HttpResponse:
    user = me(request)
    chosen = preferences.of_user(user)
    if request.method == "POST":
        form = QuietForm(request.POST)
        if form.is_valid():
            on = set(request.POST.getlist("on"))
            wanted = {
                (topic, way): f"{topic.value}.{way}" in on
                for topic in NotificationTopic
                for way in WAYS
            }
            preferences.save(user, wanted, form.hours())
            messages.success(request, _("Saved."))
            return redirect("accounts:notices")
    else:
        is_quiet = chosen.quiet_from is not None
        hours = (chosen.quiet_from, chosen.quiet_until) if is_quiet else QUIET_DEFAULT
        form = QuietForm(
            initial={"is_quiet": is_quiet, "quiet_from": hours[0], "quiet_until": hours[1]}
        )
    rows: list[dict[str, object]] = []
    for topic in NotificationTopic:
        switches = [
            Switch(way, chosen.wants(topic, way), (topic, way) in ALWAYS_ON) for way in WAYS
        ]
        rows.append({"topic": topic, "switches": switches})
    context = {
        "form": form,
        "rows": rows,
        "browsers": PushSubscription.objects.filter(user=user).order_by("-pk"),
        "push_key": vapid.public_key(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/notices.html", context, status=status)


@require_POST
def subscribe(request: HttpRequest) -> JsonResponse:
    """Take a browser's subscription from our script.

    JSON, the way `PushSubscription.toJSON()` writes it. Refusals are JSON, too: a redirect to the
    login page would be of no use to a script.
    """
    user = viewer_of(request)
    if user is None:
        return refused(403, "log_in", _("Log in first."))
    if not hit("settings", who_asks(request)):
        return refused(429, "rate_limited", _("That was a bit fast. Wait a moment and try again."))
    subscription = _json_object(request)
    keys = subscription.get("keys")
    if not isinstance(keys, dict):
        return refused(422, "bad_keys", _("Your browser sent something we do not understand."))
    # `str`: the fields may be any JSON; `subscribe` refuses what is no key and no address.
    try:
        push.subscribe(
            user,
            session_key=request.session.session_key or "",
            endpoint=str(subscription.get("endpoint")),
            p256dh=str(keys.get("p256dh")),
            auth=str(keys.get("auth")),
            user_agent=request.headers.get("User-Agent", ""),
        )
    except ValidationError as error:
        return refused(422, error.code or "invalid", error.messages[0])
    return JsonResponse({}, status=201)


@require_POST
def unsubscribe_browser(request: HttpRequest) -> JsonResponse:
    """Forget the viewer's browser with this `endpoint`; another user's stays as it is."""
    user = viewer_of(request)
    if user is None:
        return refused(403, "log_in", _("Log in first."))
    push.unsubscribe(user, str(_json_object(request).get("endpoint"))[:ENDPOINT_CHARS])
    return JsonResponse({})


@require_POST
@login_required
def remove_browser(request: HttpRequest, pk: int) -> HttpResponse:
    PushSubscription.objects.filter(user=me(request), pk=pk).delete()
    messages.success(request, _("That browser shows nothing any more."))
    return redirect("accounts:notices")


def _json_object(request: HttpRequest) -> dict[str, object]:
    """Return the JSON object that was sent; an empty one for anything else."""
    # The body of a form is read by now, by the check against forgery.
    if request.content_type == "multipart/form-data" or len(request.body) > BODY_BYTES:
        return {}
    try:
        sent = json_reader.read(request.body)
    except json_reader.BadJson:
        return {}
    return {**sent} if isinstance(sent, dict) else {}


# Exempt: a mail program presses the button, without a cookie. The link names the user and is signed
# (RFC 8058 §3.2).
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@kept_from_search
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End all e-mails about alerts.

    A GET only asks: programs that look at links must not press them.
    """
    user = email.user_of(token)
    if user is None:
        return render(request, "accounts/unsubscribed.html", {"is_bad": True}, status=404)
    is_done = request.method == "POST"
    if is_done:
        preferences.switch_off(user, "email")
    context = {"is_done": is_done, "token": token}
    return render(request, "accounts/unsubscribed.html", context)
