"""Direct messages: the list, the requests, one conversation."""

from django.contrib import messages as toasts
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.views.people import person_or_404
from accounts.views.responses import is_fragment, me, refused
from config.cursors import parse_id
from config.db import best_effort
from config.http.rate_limits import hit, limited, refusal, who_asks, with_wait
from posts.models import Message
from posts.models.conversation import MESSAGE_CHARS
from posts.services import conversations, messaging, presented_message
from posts.services.conversations import MemberConversation
from posts.services.messaging import NewMessage
from posts.views.composer import number
from posts.views.uploads import uploaded_pictures


def conversation_or_404(request: HttpRequest, pk: int) -> MemberConversation:
    """Return a conversation. Raises Http404 for who is no member of it, staff too."""
    conversation = conversations.find(me(request), pk)
    if conversation is None:
        raise Http404("Not a conversation of the viewer.")
    return conversation


def rows_of(listed: list[MemberConversation], viewer: User) -> list[dict[str, object]]:
    """Return the rows of a list of conversations: each with a preview of its newest message."""
    rows: list[dict[str, object]] = []
    for conversation in listed:
        line = ""
        if conversation.last:
            line = presented_message.preview(
                conversation.last, viewer, in_group=conversation.is_group
            )
        rows.append({"conversation": conversation, "line": line})
    return rows


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """The list of conversations.

    With `?here=`, the id of the conversation beside them, htmx gets the rows alone: something new
    has come.
    """
    viewer = me(request)
    rows = rows_of(conversations.inbox(viewer), viewer)
    if is_fragment(request) and "here" in request.GET:
        context: dict[str, object] = {"rows": rows, "here": number(request.GET.get("here", ""))}
        return render(request, "posts/_conversations.html", context)
    template = "posts/_inbox.html" if is_fragment(request) else "posts/messages.html"
    context = {"rows": rows, "waiting": len(conversations.requests(viewer))}
    return render(request, template, context)


@require_safe
@login_required
def requests(request: HttpRequest) -> HttpResponse:
    viewer = me(request)
    rows = rows_of(conversations.requests(viewer), viewer)
    return render(request, "posts/message_requests.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def to(request: HttpRequest, handle: str) -> HttpResponse:
    """Write to a user: leads into the conversation if there is one, else shows an empty one."""
    viewer = me(request)
    person = person_or_404(request, handle)
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
    """The page of a conversation; the newest messages, or those around `?at=`, a search hit.

    For htmx a part of its log: see `_log_part`.
    """
    viewer = me(request)
    if request.method == "POST":
        return _send(request, conversation_or_404(request, pk))
    if is_fragment(request):
        return _log_part(request, conversation_or_404(request, pk))
    conversation, listed = conversations.open_beside_inbox(viewer, pk)
    if conversation is None:
        raise Http404("Not a conversation of the viewer.")
    at = number(request.GET.get("at", ""))  # A link to a message that may be no more.
    if at and not Message.objects.filter(conversation=pk, pk=at).visible_to(viewer).exists():
        at = None
    if at:
        messages = conversations.messages_around(conversation, at)
    else:
        # Where JavaScript is off, "Older messages" leads to a page of its own.
        messages = conversations.messages_of(conversation, before=_number(request, "before"))
    _mark_read(conversation, messages)
    context = _log_context(conversation, messages, viewer)
    context |= {
        "rows": rows_of(listed, viewer),
        "can_write": conversations.may_write_in(conversation),
        "max": MESSAGE_CHARS,
    }
    # The number at the tab; None lets the template tag ask, as the list may not hold all of them.
    context["unread_here"] = None
    if len(listed) < conversations.LISTED:
        unread = [one for one in listed if one.unread and one.pk != pk]
        context["unread_here"] = len(unread)
    if at:
        above = [message for message in messages if message.pk <= at]
        has_older = len(above) == conversations.PAGE // 2
        newest = conversation.last
        context |= {
            "at": at,
            "older": above[0].pk if has_older else None,
            "has_newer": newest is not None and messages[-1].pk < newest.pk,
        }
    return render(request, "posts/conversation.html", context)


def _log_part(request: HttpRequest, conversation: MemberConversation) -> HttpResponse:
    """Answer htmx with older messages (`?before=`) or what is new (`?after=`).

    204 while there is nothing new, also no further reader than the `?read=` that the page shows.
    """
    after = _number(request, "after")
    before = _number(request, "before")
    messages = conversations.messages_of(conversation, before=before, after=after)
    _mark_read(conversation, messages)
    context = _log_context(conversation, messages, me(request), after)
    if after is None:
        return render(request, "posts/_bubbles.html", context)
    if not messages:
        reader_count = len(conversations.readers(conversation, conversation.last))
        if request.GET.get("read", "") == str(reader_count):
            return HttpResponse(status=204)
    return render(request, "posts/_new_bubbles.html", context)


def _log_context(
    conversation: MemberConversation,
    messages: list[Message],
    viewer: User,
    after: int | None = None,
) -> dict[str, object]:
    """Return what the templates of the log need.

    `after` is the message above `messages`. Readers are those of the newest message there is.
    """
    newest = messages[-1] if messages else conversation.last
    has_older = len(messages) == conversations.PAGE and after is None
    return {
        "conversation": conversation,
        "other": conversation.other,
        "name": conversation.name,
        "log": presented_message.present(messages, viewer, after),
        "older": messages[0].pk if has_older else None,
        "newest": newest.pk if newest else (after or 0),
        "readers": conversations.readers(conversation, newest),
    }


def _mark_read(conversation: MemberConversation, messages: list[Message]) -> None:
    if messages and conversation.is_accepted:  # Requests are read without telling the sender.
        best_effort.note(conversations.mark_read, conversation, messages[-1].pk)


def _number(request: HttpRequest, name: str) -> int | None:
    return parse_id(request.GET.get(name, "") or request.POST.get(name, ""))


def _send(request: HttpRequest, to: MemberConversation | User) -> HttpResponse:
    """Send what the form says.

    The page's script gets the end of the log, or {"code", "message"}; a form without it a page.
    """
    # Not @limited: the script of the page needs the 429 as {"code", "message"}.
    if not hit("message", who_asks(request)):
        if not is_fragment(request):
            return refusal(request, "message", who_asks(request))
        text = _("That was a bit fast. Wait a moment and try again.")
        return with_wait(refused(429, "rate_limited", text), "message", who_asks(request))
    try:
        form = request.POST
        new = NewMessage(
            form.get("text", ""),
            uploaded_pictures(request),
            form.get("voice", ""),
            form.get("token", ""),
        )
        if isinstance(to, User):
            message = messaging.send(me(request), to, new)
        elif to.other is not None:
            message = messaging.send(me(request), to.other, new)
        else:
            message = messaging.send_to_group(me(request), to.row, new)
    except ValidationError as error:
        if is_fragment(request):
            return refused(422, error.code or "invalid", error.messages[0])
        toasts.error(request, error.messages[0])
        return redirect("posts:message_to", to.handle) if isinstance(to, User) else redirect(to)
    except PermissionError as error:
        if is_fragment(request):
            return refused(403, "not_allowed", _("You cannot write to each other."))
        raise PermissionDenied(str(error)) from error
    if not is_fragment(request):
        return redirect(message.conversation)
    conversation = conversation_or_404(request, message.conversation_id)
    after = _number(request, "after") or 0
    messages = conversations.messages_of(conversation, after=after)
    _mark_read(conversation, messages)
    context = _log_context(conversation, messages, me(request), after)
    response = render(request, "posts/_new_bubbles.html", context)
    # A first message has opened the conversation: the page learns its address.
    response["X-Conversation"] = message.conversation.get_absolute_url()
    return response


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
    toasts.success(request, _("The conversation is deleted for you."))
    return redirect("posts:messages")


@require_safe
@login_required
def message(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    """One message alone, for pages that show it: its sender has taken it back."""
    return _render_one(request, pk, message_pk)


@require_POST
@login_required
@limited("message")
def take_back(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    conversation, message = _message_or_404(request, pk, message_pk)
    try:
        messaging.take_back(me(request), message)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    if not is_fragment(request):
        return redirect(conversation)
    return _render_one(request, pk, message_pk)


def _render_one(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    conversation, message = _message_or_404(request, pk, message_pk)
    context = _log_context(conversation, [message], me(request), after=message.pk)
    return render(request, "posts/_bubbles.html", context)


def _message_or_404(
    request: HttpRequest, pk: int, message_pk: int
) -> tuple[MemberConversation, Message]:
    conversation = conversation_or_404(request, pk)
    visible = Message.objects.filter(conversation=pk, pk=message_pk).visible_to(me(request))
    message = visible.select_related("sender", "about", "voice").first()
    if message is None:
        raise Http404("No such message for this viewer.")
    return conversation, message
