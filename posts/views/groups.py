"""Groups: choose people, and everything about who is in one."""

from collections.abc import Callable, Sequence
from functools import partial

from django.contrib import messages as toasts
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.views.people import person_or_404
from accounts.views.responses import is_fragment, me
from config.http.rate_limits import hit, limited, limited_posts, refusal, who_asks
from config.limits import LIMITS
from config.text import isolated, line
from posts.services import groups, recipients
from posts.services.conversations import MemberConversation
from posts.views.messages import conversation_or_404

QUERY_CHARS = 100


def chosen(request: HttpRequest) -> list[User]:
    """Return the people whom a form of the picker names."""
    handles = request.POST.getlist("people") or request.GET.getlist("people")
    # More than a group takes are still counted, for the sentence that refuses them.
    return recipients.named(me(request), handles[: LIMITS.group_people * 2])


def picker(request: HttpRequest, without: Sequence[int] = ()) -> dict[str, object]:
    """Return what `posts/_people_picker.html` needs: who is chosen, and who else could be."""
    query = line(request.GET.get("q", ""))[:QUERY_CHARS]
    picked = chosen(request)
    left_out = [*without, *(person.pk for person in picked)]
    candidates = recipients.candidates(me(request), query, left_out)
    return {"query": query, "picked": picked, "candidates": candidates}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited_posts("group")
def new(request: HttpRequest) -> HttpResponse:
    """Choose people: one leads into the conversation of two, several make a group with a name."""
    if request.method != "POST":
        if is_fragment(request):
            return render(request, "posts/_candidates.html", picker(request))
        context = picker(request) | {"max": LIMITS.group_name_chars}
        return render(request, "posts/new_message.html", context)
    people = chosen(request)
    name = request.POST.get("name", "")
    if len(people) == 1 and not line(name):
        return redirect("posts:message_to", people[0].handle)
    try:
        group = groups.make(me(request), name, people)
    except ValidationError as error:
        context = picker(request)
        context |= {"max": LIMITS.group_name_chars, "name": name, "message": error.messages[0]}
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
    """Who is in the group; its owner adds and removes people here."""
    group = _group_or_404(request, pk)
    if request.method == "POST":
        # Not @limited: only adding counts, and only by members.
        if not hit("group", who_asks(request)):
            return refusal(request, "group", who_asks(request))
        add = partial(groups.add, me(request), group.row, chosen(request))
        return _change(request, group, add, _("They are in the group now."))
    if is_fragment(request):
        members = [person.pk for person in group.people]
        return render(request, "posts/_candidates.html", picker(request, members))
    return _people_page(request, group)


def _people_page(
    request: HttpRequest, group: MemberConversation, message: str = "", status: int = 200
) -> HttpResponse:
    context = {"conversation": group, "message": message, "max": LIMITS.group_name_chars}
    if group.may_manage:
        context |= picker(request, [person.pk for person in group.people])
    return render(request, "posts/group_people.html", context, status=status)


def _change(
    request: HttpRequest, group: MemberConversation, change: Callable[[], object], done: str
) -> HttpResponse:
    """Call `change` and say that it is `done`; what the user can mend is said on the page."""
    try:
        change()
    except ValidationError as error:
        return _people_page(request, group, error.messages[0], status=422)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    toasts.success(request, done)
    return redirect("posts:group_people", group.pk)


@require_POST
@login_required
def remove(request: HttpRequest, pk: int, handle: str) -> HttpResponse:
    group = _group_or_404(request, pk)
    person = person_or_404(request, handle)
    remove_person = partial(groups.remove, me(request), group.row, person)
    done = _("%(name)s is not in the group any more.") % {"name": isolated(person.name)}
    return _change(request, group, remove_person, done)


@require_POST
@login_required
@limited("group")
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    group = _group_or_404(request, pk)
    rename_group = partial(groups.rename, me(request), group.row, request.POST.get("name", ""))
    return _change(request, group, rename_group, _("Saved."))


@require_POST
@login_required
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    groups.leave(me(request), _group_or_404(request, pk).row)
    toasts.success(request, _("You have left the group."))
    return redirect("posts:messages")
