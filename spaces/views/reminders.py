"""The switch "tell me": on a card, on the Space's page, on a profile.

It works as a plain form too.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.views.responses import back_to, is_fragment, me, with_toast
from config.http.rate_limits import limited
from spaces.rooms.errors import RoomError
from spaces.services import reminders
from spaces.services.cards import cards_of
from spaces.views.access import find_space, not_available

LOOKS = ("", "page")


@require_POST
@login_required
@limited("mark")
def reminder(request: HttpRequest, public_id: str) -> HttpResponse:
    """`want` = off, on, or early: also some minutes before. Anything else is taken for off."""
    viewer = me(request)
    space = find_space(public_id, viewer)
    if space is None:
        return not_available(request)
    want = request.POST.get("want", "")
    refused = ""
    try:
        if want in ("on", "early"):
            reminders.subscribe(viewer, space, early=want == "early")
        else:
            reminders.unsubscribe(viewer, space)
    except RoomError as error:
        refused = error.text
    # Without JavaScript the answer is a page.
    if not is_fragment(request):
        if refused:
            messages.error(request, refused)
        return redirect(back_to(request, space.get_absolute_url()))
    look = request.POST.get("look", "")
    context = {"card": cards_of([space], viewer)[0], "look": look if look in LOOKS else ""}
    response = render(request, "spaces/_reminder.html", context)
    return with_toast(response, refused) if refused else response
