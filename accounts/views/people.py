"""Profiles and lists of people."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.extension_points import profile_subject, registry
from accounts.models import Follow, User
from accounts.models.user import UserQuerySet
from accounts.services import relationships
from accounts.services.profile_facts import find_with_facts
from accounts.views.responses import is_fragment, viewer_of
from config.cursors import parse_id
from config.db import prepared

PEOPLE_PER_PAGE = 40
KNOWN_FOLLOWERS = 3


def person_or_404(request: HttpRequest, handle: str) -> User:
    """Return the person, also across a block the viewer made (they must be able to undo it).

    Raises Http404.
    """
    person: User = get_object_or_404(User.objects.not_away().by_handle(handle))
    return person


@require_safe
def profile(request: HttpRequest, handle: str, tab: str = "") -> HttpResponse:
    """Show a profile with one of its tabs; htmx gets the further pages of the tab."""
    viewer = viewer_of(request)
    found = find_with_facts(viewer, handle)
    if found is None:
        raise Http404("No such person.")
    person, facts = found
    if handle != person.handle:  # Another case: there is one address for a person.
        return redirect(person, permanent=False)
    chosen = next((one for one in registry.profile_tabs() if one.slug == tab), None)
    if chosen is None:
        raise Http404("No such tab.")
    # Before anything is built: other apps then read what they say of this person in one go.
    profile_subject.announce(person)
    is_across_block = facts.relation in {"blocked", "blocking"}
    is_closed = person.is_protected and facts.relation not in {"self", "following"}
    content = None
    if not is_across_block and not is_closed:
        content = chosen.build(person, viewer, request.GET.get("after", ""))
    if content and is_fragment(request):
        return render(request, content.page_template, dict(content.context))
    known: list[User] = []  # A few whom the viewer follows and who follow this person.
    if viewer and facts.relation in {"none", "requested", "following"}:
        known = prepared.fetch(_known_followers, viewer, person.pk)
    context = {
        "person": person,
        "relation": facts.relation,
        "stands": facts,
        "is_muted": facts.is_muted,
        "tabs": registry.profile_tabs(),
        "known_followers": known,
        "known_names": ", ".join(one.name for one in known),
        "tab": chosen,
        "content": content,
        "is_closed": is_closed,
        **(content.context if content else {}),
    }
    return render(request, "accounts/profile.html", context)


def _known_followers(viewer: User, person: int) -> UserQuerySet:
    followed = Follow.objects.filter(follower=viewer).values("followed")
    people: UserQuerySet = User.objects.visible_to(viewer)
    people = people.filter(follows_made__followed=person, pk__in=followed)
    return people.order_by("pk")[:KNOWN_FOLLOWERS]


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
    is_closed = person.is_protected and relation not in {"self", "following"}
    if relation in {"blocked", "blocking"} or is_closed:
        raise Http404("This list is not available to the viewer.")
    visible = User.objects.visible_to(viewer).values("pk")
    rows = rows.filter(**{f"{side}__in": visible}).order_by("-id")
    after = parse_id(request.GET.get("after", ""))
    if after is not None:
        rows = rows.filter(pk__lt=after)
    page = list(rows[: PEOPLE_PER_PAGE + 1])  # One more, to know whether there is a next page.
    people = [getattr(row, side) for row in page[:PEOPLE_PER_PAGE]]
    context = {
        "person": person,
        "rows": with_relations(people, viewer),
        "next": page[PEOPLE_PER_PAGE - 1].pk if len(page) > PEOPLE_PER_PAGE else None,
        "mine": relation == "self",
    }
    if is_fragment(request):
        template = "accounts/_people_page.html"
    return render(request, template, context)


def with_relations(
    people: list[User], viewer: User | None
) -> list[tuple[User, relationships.Relation]]:
    """Pair each person with the viewer's relation to them, for the follow button of each row."""
    known = relationships.relations(viewer, [person.pk for person in people])
    return [(person, known[person.pk]) for person in people]
