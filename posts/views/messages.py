"""Direct messages: the list, the requests, one conversation."""

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.views.answers import is_fragment, me
from accounts.views.people import person_or_404
from config.rates import limited
from posts.models.conversation import MESSAGE_CHARS
from posts.services import messaging
from posts.services.messaging import Side


def _side_or_404(request: HttpRequest, pk: int) -> Side:
    side = messaging.find(me(request), pk)
    if side is None:
        raise Http404("Not a conversation of the viewer.")
    return side


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    viewer = me(request)
    context = {"sides": messaging.inbox(viewer), "waiting": len(messaging.requests(viewer))}
    return render(request, "posts/messages.html", context)


@require_safe
@login_required
def requests(request: HttpRequest) -> HttpResponse:
    return render(request, "posts/message_requests.html", {"sides": messaging.requests(me(request))})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def to(request: HttpRequest, handle: str) -> HttpResponse:
    """Write to somebody: leads into the conversation if there is one, else shows an empty one."""
    viewer, person = me(request), person_or_404(request, handle)
    if request.method == "POST":
        return _send(request, person)
    side = messaging.between(viewer, person)
    if side:
        return redirect(side.conversation)
    if not messaging.may_write(viewer, person):
        raise Http404("They do not take messages from the viewer.")
    return render(request, "posts/conversation.html", {"other": person, "max": MESSAGE_CHARS, "can_write": True})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, and for htmx: older messages (`?before=`) or what is new (`?after=`, 204 while there is nothing)."""
    viewer, side = me(request), _side_or_404(request, pk)
    if request.method == "POST":
        return _send(request, side.other)
    after, before = _number(request, "after"), _number(request, "before")
    found = messaging.messages_of(side, before=before, after=after)
    if found and side.mine.is_accepted:
        messaging.mark_read(side, found[-1].pk)
    context = {
        "side": side,
        "other": side.other,
        "bubbles": messaging.bubbles(found, viewer, after),
        "older": found[0].pk if len(found) == messaging.PAGE and after is None else None,
        "newest": found[-1].pk if found else (after or 0),
        "was_read": messaging.was_read(side),
        "max": MESSAGE_CHARS,
    }
    if not is_fragment(request):
        context["can_write"] = messaging.may_go_on(viewer, side.other)
        context["sides"] = messaging.inbox(viewer)
        return render(request, "posts/conversation.html", context)
    if after is not None and not found and _number(request, "read") == side.theirs.read_up_to:
        return HttpResponse(status=204)
    return render(request, "posts/_new_bubbles.html" if after is not None else "posts/_bubbles.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    raw = request.GET.get(name, "")
    return int(raw) if raw.isdecimal() and len(raw) < 19 else None


@limited("message")
def _send(request: HttpRequest, person: User) -> HttpResponse:
    viewer = me(request)
    try:
        message = messaging.send(viewer, person, request.POST.get("text", ""))
    except ValidationError as error:
        notes.error(request, error.messages[0])
        return redirect("posts:message_to", person.handle)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    if not is_fragment(request):
        return redirect(message.conversation)
    after = _number_posted(request)
    side = _side_or_404(request, message.conversation_id)
    new = messaging.messages_of(side, after=after)
    context = {"side": side, "other": person, "bubbles": messaging.bubbles(new, viewer, after), "newest": new[-1].pk}
    return render(request, "posts/_new_bubbles.html", context)


def _number_posted(request: HttpRequest) -> int:
    raw = request.POST.get("after", "")
    return int(raw) if raw.isdecimal() and len(raw) < 19 else 0


@require_POST
@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    side = _side_or_404(request, pk)
    messaging.accept(side)
    return redirect(side.conversation)


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    messaging.delete_for_me(_side_or_404(request, pk))
    notes.success(request, _("The conversation is deleted for you."))
    return redirect("posts:messages")
