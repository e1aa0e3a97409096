"""Profiles and lists of people."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.extension_points import profile_subject, registry
from accounts.models import Follow, User
from accounts.services import relationships
from accounts.services.profile_facts import ProfileFacts, find_with_facts
from accounts.views.responses import is_fragment, viewer_of

LIST_PAGE = 40


def person_or_404(request: HttpRequest, handle: str) -> User:
    """Return the person, also across a block the viewer made (they must be able to undo it).

    Raises Http404.
    """
    person: User = get_object_or_404(User.objects.filter(is_active=True).by_handle(handle))
    return person


@require_safe
def profile(request: HttpRequest, handle: str, tab: str = "") -> HttpResponse:
    viewer = viewer_of(request)
    found = find_with_facts(viewer, User.objects.filter(is_active=True).by_handle(handle))
    if found is None:
        raise Http404("No such person.")
    person, stands = found
    if handle != person.handle:
        return redirect(person, permanent=False)
    chosen = next((one for one in registry.profile_tabs() if one.slug == tab), None)
    if chosen is None:
        raise Http404("No such tab.")
    profile_subject.announce(person)
    relation = stands.relation
    is_hidden = relation in {"blocked", "blocking"}
    is_closed = person.is_protected and relation not in {"self", "following"}
    content = (
        None
        if is_hidden or is_closed
        else chosen.build(person, viewer, request.GET.get("after", ""))
    )
    if content and is_fragment(request):
        return render(request, content.page_template, dict(content.context))
    context = _header(viewer, person, stands) | {
        "tab": chosen,
        "content": content,
        "is_closed": is_closed,
    }
    if content:
        context |= content.context
    return render(request, "accounts/profile.html", context)


def _header(viewer: User | None, person: User, stands: ProfileFacts) -> dict[str, object]:
    known: list[User] = []
    if viewer and stands.relation in {"none", "requested", "following"}:
        known = _known_followers(viewer, person)
    return {
        "person": person,
        "relation": stands.relation,
        "stands": stands,
        "is_muted": stands.is_muted,
        "tabs": registry.profile_tabs(),
        "known_followers": known,
        "known_names": ", ".join(one.name for one in known),
    }


def _known_followers(viewer: User, person: User) -> list[User]:
    """Up to three people whom the viewer follows and who follow `person`."""
    mine = Follow.objects.filter(follower=viewer).values("followed")
    return list(
        User.objects.visible_to(viewer)
        .filter(follows_made__followed=person, pk__in=mine)
        .order_by("pk")[:3]
    )


@require_safe
def followers(request: HttpRequest, handle: str) -> HttpResponse:
    person = person_or_404(request, handle)
    rows = Follow.objects.filter(followed=person).select_related("follower")
    return _people_list(request, person, rows, "follower", "accounts/followers.html")


@require_safe
def following(request: HttpRequest, handle: str) -> HttpResponse:
    person = person_or_404(request, handle)
    rows = Follow.objects.filter(follower=person).select_related("followed")
    return _people_list(request, person, rows, "followed", "accounts/following.html")


def _people_list(
    request: HttpRequest, person: User, rows: QuerySet[Follow], side: str, template: str
) -> HttpResponse:
    """Show one side of `rows`, newest first.

    A protected account's lists are for its followers (RULES §1).
    """
    viewer = viewer_of(request)
    relation = relationships.relation(viewer, person)
    if relation in {"blocked", "blocking"} or (
        person.is_protected and relation not in {"self", "following"}
    ):
        raise Http404("This list is not available to the viewer.")
    seen = User.objects.visible_to(viewer).values("pk")
    rows = rows.filter(**{f"{side}__in": seen}).order_by("-id")
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    page = list(rows[: LIST_PAGE + 1])
    people = [getattr(row, side) for row in page[:LIST_PAGE]]
    context = {
        "person": person,
        "rows": with_relations(people, viewer),
        "next": page[LIST_PAGE - 1].pk if len(page) > LIST_PAGE else None,
        "mine": relation == "self",
    }
    return render(
        request, "accounts/_people_page.html" if is_fragment(request) else template, context
    )


def with_relations(
    people: list[User], viewer: User | None
) -> list[tuple[User, relationships.Relation]]:
    """Pair each person with how the viewer stands to them, for a follow button in each row."""
    known = relationships.relations(viewer, [person.pk for person in people])
    return [(person, known[person.pk]) for person in people]
