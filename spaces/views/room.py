"""One Space at its one address: before, while and after it is live."""

import json
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.models import Block, User
from accounts.models.user import not_away
from accounts.views.responses import viewer_of
from config.limits import LIMITS
from spaces.models import Attendance, Seat, Space
from spaces.rooms.reactions import named_reactions
from spaces.services import presence_store
from spaces.services.cards import RANK, cards_of
from spaces.views import replay
from spaces.views.access import find_space, not_available

FACES_OF_THE_END = 13  # As many as a stage has seats, unless a site changes that.
MOST_BLOCKED = 500


@require_safe
# The page's scripts read the token from the cookie (static/js/csrf.js).
@ensure_csrf_cookie
def show(request: HttpRequest, public_id: str) -> HttpResponse:
    viewer = viewer_of(request)
    space = find_space(public_id, viewer)
    if space is None:
        return not_available(request)
    is_live = space.state == Space.State.LIVE
    is_host = viewer is not None and space.host_id == viewer.pk
    # The room of a host whom staff removed goes on without them; others who are removed find no
    # Space at all.
    if is_live and is_host and space.bans.filter(user=viewer).exists():
        return not_available(request)
    if space.is_over:
        return replay.show(request, space, viewer) or _show_over(request, space)
    has_seat = viewer is not None and any(seat.user_id == viewer.pk for seat in space.seats.all())
    may_start = is_host and timezone.now() >= _opens_at(space)
    if is_live or has_seat or may_start:
        # A host before the start is about to take the seat; in a live room staff may have taken it.
        is_on_stage = has_seat or (is_host and not is_live)
        return _show_room(request, space, viewer, is_on_stage=is_on_stage)
    return _show_scheduled(request, space, viewer, is_host=is_host)


def _opens_at(space: Space) -> datetime:
    """Return when the host may start (RULES §3). A Space without a time may start at once."""
    if space.scheduled_for is None:
        return timezone.now()
    return space.scheduled_for - timedelta(seconds=LIMITS.early_start_s)


def _show_room(
    request: HttpRequest, space: Space, viewer: User | None, *, is_on_stage: bool
) -> HttpResponse:
    seats = sorted(space.seats.all(), key=lambda seat: (RANK[seat.role], seat.order))
    connected = sum(1 for seat in seats if seat.presence != Seat.Presence.LOST)
    people = presence_store.counts([space.public_id]).get(space.public_id, 0)
    # Presence counts the stage too, and may be older than the seats.
    listening = max(0, people - connected)
    # The page mutes those whom the viewer blocked, and warns when they are on stage (RULES §9).
    blocked: list[int] = []
    if viewer is not None:
        blocks = Block.objects.filter(blocker=viewer)
        blocked = list(blocks.values_list("blocked_id", flat=True)[:MOST_BLOCKED])
    context = {
        "space": space,
        "seats": seats,
        "listening": listening,
        "everyone": listening + len(seats),
        "on_stage": is_on_stage,
        "blocked": blocked,
        "reactions": json.dumps(named_reactions()),
    }
    return render(request, "spaces/room.html", context)


def _show_scheduled(
    request: HttpRequest, space: Space, viewer: User | None, *, is_host: bool
) -> HttpResponse:
    now = timezone.now()
    start = space.scheduled_for
    # A viewer who waits is told when the host is late; before that the countdown is enough.
    tolerated = timedelta(seconds=LIMITS.late_notice_s)
    context = {
        "card": cards_of([space], viewer)[0],
        "space": space,
        "is_host": is_host,
        "opens_at": _opens_at(space),
        "is_due": start is not None and now >= start,
        "is_late": start is not None and now > start + tolerated,
    }
    return render(request, "spaces/scheduled.html", context)


def _show_over(request: HttpRequest, space: Space) -> HttpResponse:
    spoke = Attendance.objects.filter(not_away("user"), space=space, was_on_stage=True)
    first = spoke.select_related("user").order_by("first_joined_at")[:FACES_OF_THE_END]
    lasted = None
    if space.started_at and space.ended_at:
        lasted = space.ended_at - space.started_at
    context = {
        "space": space,
        "people": [row.user for row in first],
        "lasted": lasted,
    }
    return render(request, "spaces/over.html", context)
