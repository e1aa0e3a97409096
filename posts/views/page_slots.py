"""Parts of a page that are asked for again every few seconds while the page is open."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from posts.page_slots import Place

LIVE_PLACES: tuple[Place, ...] = ("live_now", "shelf")


@require_safe
def part(request: HttpRequest, place: str) -> HttpResponse:
    """One part alone, of those that pages ask for again."""
    if place not in LIVE_PLACES:
        raise Http404("No such part.")
    return render(request, "posts/_part.html", {"place": place})
