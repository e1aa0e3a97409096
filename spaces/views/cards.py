"""A Space as a card that follows the room.

The page asks for it again every few seconds while it is in view.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.views.responses import viewer_of
from spaces.services.cards import TEMPLATE, cards_of
from spaces.views.access import find_space

LOOKS = ("", "lead", "brief")


@require_safe
def card(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return the card alone.

    204 for a Space that is no longer to be seen: the page then keeps what it has.
    """
    viewer = viewer_of(request)
    space = find_space(public_id, viewer)
    if space is None:
        return HttpResponse(status=204)  # htmx swaps nothing then.
    look = request.GET.get("look", "")
    context = {"card": cards_of([space], viewer)[0], "look": look if look in LOOKS else ""}
    return render(request, TEMPLATE, context)
