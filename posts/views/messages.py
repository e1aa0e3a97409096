"""Direct messages: the list, the requests, one conversation."""

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.views.people import person_or_404
from accounts.views.responses import is_fragment, me, refused
from config.http.rate_limits import hit, limited, refusal, who_asks, with_wait
from posts.models import Message
from posts.models.conversation import MESSAGE_CHARS
from posts.services import conversations, messaging, presented_message
from posts.services.conversations import MemberConversation
from posts.services.messaging import NewMessage
from posts.views.uploads import uploaded_pictures


def conversation_or_404(request: HttpRequest, pk: int) -> MemberConversation:
    """Return the viewer's side of a conversation.

    Raises Http404 for everybody who is not in it, staff too.
    """
    conversation = conversations.find(me(request), pk)
    if conversation is None:
        raise Http404("Not a conversation of the viewer.")
    return conversation


def listed(listed_conversations: list[MemberConversation], viewer: User) -> list[dict[str, object]]:
    """Return the rows of the list of conversations: each conversation with the line that stands for its
    newest message.
    """
    return [
        {
            "conversation": conversation,
            "line": presented_message.preview(
                conversation.last, viewer, in_group=conversation.is_group
            )
            if conversation.last
            else "",
        }
        for conversation in listed_conversations
    ]


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """The list.

    For htmx its rows alone, when something new has come; `?here=` is the conversation beside them.
    """
    viewer = me(request)
    rows = listed(conversations.inbox(viewer), viewer)
    if is_fragment(request) and "here" in request.GET:
        return render(
            request, "posts/_conversations.html", {"rows": rows, "here": _number(request, "here")}
        )
    template = "posts/_inbox.html" if is_fragment(request) else "posts/messages.html"
    return render(request, template, {"rows": rows, "waiting": len(conversations.requests(viewer))})


@require_safe
@login_required
def requests(request: HttpRequest) -> HttpResponse:
    viewer = me(request)
    return render(
        request,
        "posts/message_requests.html",
        {"rows": listed(conversations.requests(viewer), viewer)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def to(request: HttpRequest, handle: str) -> HttpResponse:
    """Write to somebody: leads into the conversation if there is one, else shows an empty one."""
    viewer, person = me(request), person_or_404(request, handle)
    if request.method == "POST":
        return _send(request, person)
    conversation = conversations.between(viewer, person)
    if conversation:
        return redirect(conversation)
    if not messaging.may_write(viewer, person):
        raise Http404("They do not take messages from the viewer.")
    context = {"other": person, "name": person.name, "max": MESSAGE_CHARS, "can_write": True}
    return render(request, "posts/conversation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, and for htmx: older messages (`?before=`) or what is new (`?after=`, 204 while
    there is nothing).
    """
    viewer = me(request)
    if request.method == "POST":
        return _send(request, conversation_or_404(request, pk))
    if is_fragment(request):
        return _fragment(request, conversation_or_404(request, pk))
    conversation, listed_conversations = conversations.open_beside_inbox(viewer, pk)
    if conversation is None:
        raise Http404("Not a conversation of the viewer.")
    before = _number(request, "before")  # Where JavaScript is off, "Older messages" is a page.
    at = _sought(request, conversation)
    found = (
        conversations.messages_around(conversation, at)
        if at
        else conversations.messages_of(conversation, before=before)
    )
    _look_at(conversation, found)
    context = _shown(conversation, found, viewer) | {
        "rows": listed(listed_conversations, viewer),
        "can_write": conversations.may_write_in(conversation),
        "unread_here": _unread_in(listed_conversations, pk),
        "max": MESSAGE_CHARS,
    }
    if at:
        context |= _around(conversation, found, at)
    return render(request, "posts/conversation.html", context)


def _around(conversation: MemberConversation, found: list[Message], at: int) -> dict[str, object]:
    """What else the log needs that does not end with the newest message."""
    above = [one for one in found if one.pk <= at]
    older = above[0].pk if len(above) == conversations.PAGE // 2 else None
    return {
        "at": at,
        "older": older,
        "has_newer": bool(conversation.last and found[-1].pk < conversation.last.pk),
    }


def _sought(request: HttpRequest, conversation: MemberConversation) -> int | None:
    """Return the message that the search led to (`?at=`), if the viewer may read it."""
    at = _number(request, "at")
    visible = (
        Message.objects.filter(conversation=conversation.row, pk=at).visible_to(me(request))
        if at
        else None
    )
    return at if visible is not None and visible.exists() else None


def _unread_in(listed_conversations: list[MemberConversation], opened: int) -> int | None:
    """Return what the tab shows, or None where the list may not hold all of them."""
    if len(listed_conversations) >= conversations.LISTED:
        return None
    return len(
        [
            conversation
            for conversation in listed_conversations
            if conversation.unread and conversation.pk != opened
        ]
    )


def _fragment(request: HttpRequest, conversation: MemberConversation) -> HttpResponse:
    viewer, after = me(request), _number(request, "after")
    found = conversations.messages_of(conversation, before=_number(request, "before"), after=after)
    _look_at(conversation, found)
    context = _shown(conversation, found, viewer, after)
    if after is None:
        return render(request, "posts/_bubbles.html", context)
    if not found and request.GET.get("read", "") == str(
        len(conversations.readers(conversation, conversation.last))
    ):
        return HttpResponse(status=204)
    return render(request, "posts/_new_bubbles.html", context)


def _shown(
    conversation: MemberConversation, found: list[Message], viewer: User, after: int | None = None
) -> dict[str, object]:
    """What the templates of the log need. Readers are those of the newest message there is."""
    newest = found[-1] if found else conversation.last
    return {
        "conversation": conversation,
        "other": conversation.other,
        "name": conversation.name,
        "log": presented_message.present(found, viewer, after),
        "older": found[0].pk if len(found) == conversations.PAGE and after is None else None,
        "newest": newest.pk if newest else (after or 0),
        "readers": conversations.readers(conversation, newest),
    }


def _look_at(conversation: MemberConversation, found: list[Message]) -> None:
    if found and conversation.is_accepted:
        conversations.mark_read(conversation, found[-1].pk)


def _number(request: HttpRequest, name: str) -> int | None:
    raw = request.GET.get(name, "") or request.POST.get(name, "")
    return int(raw) if raw.isdecimal() and len(raw) < 19 else None


def _send(request: HttpRequest, to: MemberConversation | User) -> HttpResponse:
    """Send what the form says.

    The page's script gets the end of the log, or {"code", "message"}; a form a page.
    """
    if not hit("message", who_asks(request)):
        if not is_fragment(request):
            return refusal(request, "message", who_asks(request))
        answer = _refused(
            request, to, 429, "rate_limited", _("That was a bit fast. Wait a moment and try again.")
        )
        return with_wait(answer, "message", who_asks(request))
    try:
        message = _written(request, to)
    except ValidationError as error:
        return _refused(request, to, 422, error.code or "invalid", error.messages[0])
    except PermissionError as error:
        return _refused(
            request, to, 403, "not_allowed", _("You cannot write to each other."), error
        )
    if not is_fragment(request):
        return redirect(message.conversation)
    conversation = conversation_or_404(request, message.conversation_id)
    after = _number(request, "after") or 0
    new = conversations.messages_of(conversation, after=after)
    _look_at(conversation, new)
    response = render(
        request, "posts/_new_bubbles.html", _shown(conversation, new, me(request), after)
    )
    # A first message has opened one.
    response["X-Conversation"] = message.conversation.get_absolute_url()
    return response


def _written(request: HttpRequest, to: MemberConversation | User) -> Message:
    form = request.POST
    pictures = uploaded_pictures(request)
    draft = NewMessage(form.get("text", ""), pictures, form.get("voice", ""), form.get("token", ""))
    if isinstance(to, User):
        return messaging.send(me(request), to, draft)
    if to.other is not None:
        return messaging.send(me(request), to.other, draft)
    return messaging.send_to_group(me(request), to.row, draft)


def _refused(
    request: HttpRequest,
    to: MemberConversation | User,
    status: int,
    code: str,
    text: str,
    error: Exception | None = None,
) -> HttpResponse:
    if is_fragment(request):
        return refused(status, code, text)
    if error:
        raise PermissionDenied(str(error)) from error
    notes.error(request, text)
    return redirect("posts:message_to", to.handle) if isinstance(to, User) else redirect(to)


@require_POST
@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    conversation = conversation_or_404(request, pk)
    conversations.accept(conversation)
    return redirect(conversation)


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    conversations.delete_for_me(conversation_or_404(request, pk))
    notes.success(request, _("The conversation is deleted for you."))
    return redirect("posts:messages")


@require_safe
@login_required
def message(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    """One bubble alone: somebody has taken it back."""
    return _one(request, *_found_or_404(request, pk, message_pk))


@require_POST
@login_required
@limited("message")
def take_back(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    conversation, found = _found_or_404(request, pk, message_pk)
    try:
        messaging.take_back(me(request), found)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    if not is_fragment(request):
        return redirect(conversation)
    return _one(request, *_found_or_404(request, pk, message_pk))


def _one(request: HttpRequest, conversation: MemberConversation, found: Message) -> HttpResponse:
    return render(
        request, "posts/_bubbles.html", _shown(conversation, [found], me(request), found.pk)
    )


def _found_or_404(
    request: HttpRequest, pk: int, message_pk: int
) -> tuple[MemberConversation, Message]:
    conversation = conversation_or_404(request, pk)
    visible = Message.objects.filter(conversation=pk, pk=message_pk).visible_to(me(request))
    found = visible.select_related("sender", "about", "voice").first()
    if found is None:
        raise Http404("No such message for this viewer.")
    return conversation, found
