""" "Name your Space": open one now, schedule it, change it, cancel it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.views.responses import me
from config.http.rate_limits import exceeded, refusal, who_asks
from config.text import casefolded
from spaces import forms
from spaces.forms import LATER, SpaceForm
from spaces.models import Space, Topic
from spaces.rooms.error_texts import text_for
from spaces.rooms.errors import RoomError
from spaces.services import scheduling
from spaces.views.access import find_own_space, not_available

# Translated when they are shown: here the viewer's language is not known yet.
SUGGESTED = (
    gettext_noop("Music"),
    gettext_noop("Technology"),
    gettext_noop("Environment"),
    gettext_noop("History"),
    gettext_noop("Food"),
    gettext_noop("Books"),
)
MOST_SUGGESTED = 10


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    host = me(request)
    if request.method != "POST":
        # The two letters of "en-GB" are a language that a Space can be held in.
        initial = forms.initial_for(None, host.time_zone, (get_language() or "en")[:2])
        return _show(request, SpaceForm(initial=initial | forms.from_query(request.GET)))
    # Only sending counts; the form itself may be looked at freely.
    if exceeded(["space"], who_asks(request)):
        return refusal(request, "space", who_asks(request))
    form = SpaceForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        if form.cleaned_data["when"] == LATER:
            zone = form.cleaned_data["time_zone"] or "UTC"
            space = scheduling.schedule(host, form.draft(), form.cleaned_data["moment"], zone)
        else:
            space = scheduling.open_now(host, form.draft())
    except RoomError as error:
        form.refuse(error)
        return _show(request, form, status=422)
    return redirect(space)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    host = me(request)
    space = find_own_space(public_id, host)
    if space is None or space.scheduled_for is None:
        return not_available(request)
    if request.method != "POST":
        initial = forms.initial_for(space, host.time_zone, space.language)
        return _show(request, SpaceForm(initial=initial), space)
    # What is scheduled stays scheduled: the form does not ask again when to start. A copy, because
    # Django's own can be read alone.
    sent = request.POST.copy()
    sent["when"] = LATER
    form = SpaceForm(sent)
    if not form.is_valid():
        return _show(request, form, space, status=422)
    zone = form.cleaned_data["time_zone"] or "UTC"
    try:
        # Both or neither: a refused time must not leave half of the form behind.
        with transaction.atomic():
            scheduling.edit(space, host, form.draft())
            scheduling.move(space, host, form.cleaned_data["moment"], zone)
    except RoomError as error:
        form.refuse(error)
        return _show(request, form, space, status=422)
    messages.success(request, _("Changed."))
    return redirect(space)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET asks, POST cancels."""
    host = me(request)
    space = find_own_space(public_id, host)
    if space is None:
        return not_available(request)
    if request.method != "POST":
        return render(request, "spaces/cancel.html", {"space": space})
    try:
        scheduling.cancel(space, host)
    except RoomError as error:
        messages.error(request, text_for(error.code))
        return redirect(space)
    messages.success(request, _("The Space is cancelled."))
    return redirect("spaces:index")


def _show(
    request: HttpRequest, form: SpaceForm, space: Space | None = None, status: int = 200
) -> HttpResponse:
    chosen = [str(topic) for topic in form["topics"].value() or []]
    # Offered as chips: what is chosen already, what people use here, then a few to begin with.
    used = Topic.objects.values_list("name", flat=True).order_by("-id")[:MOST_SUGGESTED]
    topics: dict[str, str] = {}
    for name in [*chosen, *used, *(_(topic) for topic in SUGGESTED)]:
        topics.setdefault(casefolded(name), name)
    context = {
        "form": form,
        "space": space,
        "topics": list(topics.values())[: max(MOST_SUGGESTED, len(chosen))],
        "chosen": chosen,
        "hints": forms.HINTS,
    }
    return render(request, "spaces/setup.html", context, status=status)
