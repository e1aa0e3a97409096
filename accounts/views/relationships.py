"""The buttons between two people: follow, requests, mute, block.

Each takes `on` = 1 or 0; none needs JavaScript.
"""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import FollowRequest, User
from accounts.models.user import not_away
from accounts.services import relationships
from accounts.views.people import person_or_404
from accounts.views.responses import back_to, empty, is_fragment, me, with_toast, with_visit
from config.http.rate_limits import limited

REQUESTS = 200  # The oldest; who has more answers these first.
Verb = Callable[[User, User], None]


def _apply(request: HttpRequest, person: User, verb: Verb) -> None:
    """Let the viewer do `verb` to the person. Raises PermissionDenied."""
    try:
        verb(me(request), person)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error


def _is_on(request: HttpRequest) -> bool:
    return request.POST.get("on") == "1"


def _person_to_hide_or_show(request: HttpRequest, handle: str) -> User:
    """Return the person; one who is away only to undo what the viewer did. Raises Http404."""
    if _is_on(request):
        return person_or_404(request, handle)
    hidden = relationships.here_or_hidden_by(me(request))
    person: User = get_object_or_404(hidden.by_handle(handle))
    return person


@require_POST
@login_required
@limited("follow")
def follow(request: HttpRequest, handle: str) -> HttpResponse:
    person = person_or_404(request, handle)
    verb = relationships.follow if _is_on(request) else relationships.unfollow
    _apply(request, person, verb)
    if not is_fragment(request):
        return redirect(back_to(request, person.get_absolute_url()))
    relation = relationships.relation(me(request), person)
    context = {"person": person, "relation": relation, "look": request.POST.get("look", "")}
    return render(request, "accounts/_follow.html", context)


@require_POST
@login_required
@limited("follow")
def mute(request: HttpRequest, handle: str) -> HttpResponse:
    person = _person_to_hide_or_show(request, handle)
    if _is_on(request):
        _apply(request, person, relationships.mute)
        text = _("@%s is muted. They are not told.")
    else:
        _apply(request, person, relationships.unmute)
        text = _("@%s is not muted any more.")
    return _tell_and_reload(request, person, text % person.handle)


@require_POST
@login_required
@limited("follow")
def block(request: HttpRequest, handle: str) -> HttpResponse:
    person = _person_to_hide_or_show(request, handle)
    if _is_on(request):
        _apply(request, person, relationships.block)
        text = _("@%s is blocked.")
    else:
        _apply(request, person, relationships.unblock)
        text = _("@%s is not blocked any more.")
    return _tell_and_reload(request, person, text % person.handle)


def _tell_and_reload(request: HttpRequest, person: User, text: str) -> HttpResponse:
    """Say what happened and show the page again, because much of it may have changed."""
    # Who is away has no profile to go back to.
    page = reverse("accounts:hidden_people") if person.is_away else person.get_absolute_url()
    if is_fragment(request):
        # A profile or a post in a feed: htmx says where the button was pressed.
        current = request.headers.get("HX-Current-URL", "")
        return with_visit(with_toast(empty(), text), current or page)
    messages.success(request, text)
    return redirect(back_to(request, page))


@require_safe
@login_required
def requests(request: HttpRequest) -> HttpResponse:
    waiting = FollowRequest.objects.filter(not_away("follower"), followed=me(request))
    rows = waiting.select_related("follower").order_by("created_at")[:REQUESTS]
    return render(request, "accounts/requests.html", {"people": [row.follower for row in rows]})


@require_POST
@login_required
def answer_request(request: HttpRequest, handle: str) -> HttpResponse:
    person = person_or_404(request, handle)
    _apply(request, person, relationships.approve if _is_on(request) else relationships.decline)
    if is_fragment(request):
        accepted = _("@%s follows you now.")
        declined = _("The request of @%s is declined.")
        return with_toast(empty(), (accepted if _is_on(request) else declined) % person.handle)
    return redirect("accounts:requests")


@require_POST
@login_required
def remove_follower(request: HttpRequest, handle: str) -> HttpResponse:
    person = person_or_404(request, handle)
    _apply(request, person, relationships.remove_follower)
    said = _("@%s does not follow you any more.") % person.handle
    if is_fragment(request):
        return with_toast(empty(), said)
    messages.success(request, said)
    return redirect(back_to(request, person.get_absolute_url()))
