"""Groups: choose people, and everything about who is in one."""

from collections.abc import Callable

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.views.people import person_or_404
from accounts.views.responses import is_fragment, me
from config.http.rate_limits import limited
from config.limits import LIMITS
from posts.services import groups, recipients
from posts.services.conversations import MemberConversation
from posts.views.messages import conversation_or_404

QUERY_CHARS = 100


def chosen(request: HttpRequest) -> list[User]:
    """Return the people whom a form of the picker names."""
    raw = request.POST.getlist("people") or request.GET.getlist("people")
    return recipients.named(me(request), raw[: LIMITS.group_people * 2])


def picker(request: HttpRequest, without: list[int] | None = None) -> dict[str, object]:
    """What `posts/_people_picker.html` needs: who is chosen, and who else could be."""
    query = request.GET.get("q", "")[:QUERY_CHARS]
    picked = chosen(request)
    there = [*(without or []), *(person.pk for person in picked)]
    return {
        "query": query,
        "picked": picked,
        "candidates": recipients.candidates(me(request), query, there),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Choose people: one leads into the conversation of two, several make a group with a name."""
    if request.method == "POST":
        return _make(request)
    if is_fragment(request):
        return render(request, "posts/_candidates.html", picker(request))
    return render(
        request, "posts/new_message.html", picker(request) | {"max": LIMITS.group_name_chars}
    )


@limited("group")
def _make(request: HttpRequest) -> HttpResponse:
    people, name = chosen(request), request.POST.get("name", "")
    if len(people) == 1 and not name.strip():
        return redirect("posts:message_to", people[0].handle)
    try:
        group = groups.make(me(request), name, people)
    except ValidationError as error:
        context = picker(request) | {
            "max": LIMITS.group_name_chars,
            "name": name,
            "message": error.messages[0],
        }
        return render(request, "posts/new_message.html", context, status=422)
    return redirect(group)


def _group_or_404(request: HttpRequest, pk: int) -> MemberConversation:
    conversation = conversation_or_404(request, pk)
    if not conversation.is_group:
        raise Http404("Not a group.")
    return conversation


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is in the group; whoever made it adds and removes here."""
    conversation = _group_or_404(request, pk)
    if request.method == "POST":
        return _add(request, conversation)
    there = [one.pk for one in conversation.people]
    if is_fragment(request):
        return render(request, "posts/_candidates.html", picker(request, there))
    return _page(request, conversation)


def _page(
    request: HttpRequest, conversation: MemberConversation, message: str = "", status: int = 200
) -> HttpResponse:
    context = {"conversation": conversation, "message": message, "max": LIMITS.group_name_chars}
    if conversation.may_manage:
        context |= picker(request, [one.pk for one in conversation.people])
    return render(request, "posts/group_people.html", context, status=status)


def _change(
    request: HttpRequest, conversation: MemberConversation, change: Callable[[], object], said: str
) -> HttpResponse:
    """Do it and say so; a refusal that one can mend stands on the page."""
    try:
        change()
    except ValidationError as error:
        return _page(request, conversation, error.messages[0], status=422)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    notes.success(request, said)
    return redirect("posts:group_people", conversation.pk)


@limited("group")
def _add(request: HttpRequest, conversation: MemberConversation) -> HttpResponse:
    newcomers = chosen(request)
    return _change(
        request,
        conversation,
        lambda: groups.add(me(request), conversation.row, newcomers),
        _("They are in the group now."),
    )


@require_POST
@login_required
def remove(request: HttpRequest, pk: int, handle: str) -> HttpResponse:
    conversation, person = _group_or_404(request, pk), person_or_404(request, handle)
    said = _("%(name)s is not in the group any more.") % {"name": person.name}
    return _change(
        request, conversation, lambda: groups.remove(me(request), conversation.row, person), said
    )


@require_POST
@login_required
@limited("group")
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    conversation, name = _group_or_404(request, pk), request.POST.get("name", "")
    return _change(
        request,
        conversation,
        lambda: groups.rename(me(request), conversation.row, name),
        _("Saved."),
    )


@require_POST
@login_required
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    groups.leave(me(request), _group_or_404(request, pk).row)
    notes.success(request, _("You have left the group."))
    return redirect("posts:messages")
