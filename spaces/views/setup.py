""" "Name your Space": open one now, schedule it, change it, call it off."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.views.responses import viewer_of
from config.http.rate_limits import exceeded, refusal, who_asks
from spaces import forms
from spaces.forms import LATER, SpaceForm
from spaces.models import Space, Topic
from spaces.rooms.error_texts import text_for
from spaces.rooms.errors import RoomError
from spaces.services import scheduling
from spaces.views.access import find_own_space, not_available

SUGGESTED = (_("Music"), _("Technology"), _("Environment"), _("History"), _("Food"), _("Books"))
MOST_SUGGESTED = 10


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    host = _host(request)
    if request.method != "POST":
        initial = forms.initial_for(None, host.time_zone, (get_language() or "en")[:2])
        return _show(request, SpaceForm(initial=initial | forms.from_query(request.GET)))
    if exceeded(["space"], who_asks(request)):
        return refusal(request, "space", who_asks(request))
    form = SpaceForm(request.POST)
    space = _open(host, form) if form.is_valid() else None
    return redirect(space) if space else _show(request, form, status=422)


def _open(host: User, form: SpaceForm) -> Space | None:
    """Return the new Space, or None with the refusal in the form."""
    try:
        if form.cleaned_data["when"] == LATER:
            return scheduling.schedule(
                host,
                form.draft(),
                form.cleaned_data["moment"],
                form.cleaned_data["time_zone"] or "UTC",
            )
        return scheduling.open_now(host, form.draft())
    except RoomError as error:
        form.refuse(error)
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    host = _host(request)
    space = find_own_space(public_id, host)
    if space is None or space.scheduled_for is None:
        return not_available(request)
    if request.method != "POST":
        return _show(
            request,
            SpaceForm(initial=forms.initial_for(space, host.time_zone, space.language)),
            space,
        )
    sent = request.POST.copy()
    sent["when"] = LATER
    form = SpaceForm(sent)
    if form.is_valid() and _change(space, host, form):
        messages.success(request, _("Changed."))
        return redirect(space)
    return _show(request, form, space, status=422)


def _change(space: Space, host: User, form: SpaceForm) -> bool:
    try:
        scheduling.edit(space, host, form.draft())
        scheduling.move(
            space, host, form.cleaned_data["moment"], form.cleaned_data["time_zone"] or "UTC"
        )
    except RoomError as error:
        form.refuse(error)
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET asks, POST cancels."""
    host = _host(request)
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


def _host(request: HttpRequest) -> User:
    host = viewer_of(request)
    if host is None:
        raise PermissionDenied
    return host


def _show(
    request: HttpRequest, form: SpaceForm, space: Space | None = None, status: int = 200
) -> HttpResponse:
    chosen = [str(topic) for topic in form["topics"].value() or []]
    context = {
        "form": form,
        "space": space,
        "topics": _suggested(chosen),
        "chosen": chosen,
        "hints": forms.HINTS,
    }
    return render(request, "spaces/setup.html", context, status=status)


def _suggested(chosen: list[str]) -> list[str]:
    """Return the topics offered as chips: what is chosen already, what people use here, then a few
    to begin with.
    """
    used = Topic.objects.values_list("name", flat=True).order_by("-id")[:MOST_SUGGESTED]
    folded: dict[str, str] = {}
    for name in [*chosen, *used, *SUGGESTED]:
        folded.setdefault(name.casefold(), name)
    return list(folded.values())[: max(MOST_SUGGESTED, len(chosen))]
