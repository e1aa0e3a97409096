"""One Space or host for one viewer, or the page that says it is not there, which never says why."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from spaces.models import Space


def find_space(public_id: str, viewer: User | None) -> Space | None:
    """Return the Space with the people a page draws, or None if this viewer may not know of it."""
    spaces = Space.objects.visible_to(viewer).with_people()
    return spaces.filter(public_id=public_id).first()


def find_own_space(public_id: str, viewer: User | None) -> Space | None:
    """Return a Space that the viewer hosts and that has not begun, or None."""
    space = find_space(public_id, viewer)
    if space is None or viewer is None or space.host_id != viewer.pk:
        return None
    return space if space.state in (Space.State.SCHEDULED, Space.State.GREEN) else None


def get_host(handle: str) -> User:
    """Return the user with this handle in any case, if they are not away. Raises Http404."""
    host: User | None = User.objects.not_away().by_handle(handle).first()
    # A host who is away looks like one who never was.
    if host is None:
        raise Http404("No such person.")
    return host


def not_available(request: HttpRequest) -> HttpResponse:
    return render(request, "spaces/not_available.html", status=404)
