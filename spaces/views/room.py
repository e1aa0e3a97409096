"""One Space at its one address: before, while and after it is live."""

import json
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.models import Block, User
from accounts.views.responses import viewer_of
from config.limits import LIMITS
from spaces.models import Attendance, Seat, Space
from spaces.rooms.reactions import named_reactions
from spaces.services import presence_store
from spaces.services.cards import cards_of
from spaces.views import replay
from spaces.views.access import find_space, not_available

FACES_OF_THE_END = 13
MOST_BLOCKED = 500
RANK = {Seat.Role.HOST: 0, Seat.Role.COHOST: 1, Seat.Role.SPEAKER: 2}


@require_safe
@ensure_csrf_cookie
def show(request: HttpRequest, public_id: str) -> HttpResponse:
    viewer = viewer_of(request)
    space = find_space(public_id, viewer)
    if space is None or _is_removed_host(space, viewer):
        return not_available(request)
    if space.is_over:
        return replay.show(request, space, viewer) or _over(request, space)
    if space.state == Space.State.LIVE or _may_enter_green_room(space, viewer):
        return _room(request, space, viewer)
    return _scheduled(request, space, viewer)


def _is_removed_host(space: Space, viewer: User | None) -> bool:
    """True while the room goes on without its host, whom staff removed; others who are removed find
    no Space at all.
    """
    if viewer is None or space.host_id != viewer.pk or space.state != Space.State.LIVE:
        return False
    return space.bans.filter(user=viewer).exists()


def _may_enter_green_room(space: Space, viewer: User | None) -> bool:
    """True for those on stage, and for the host from the moment they may start (RULES §3)."""
    if viewer is None:
        return False
    if any(seat.user_id == viewer.pk for seat in space.seats.all()):
        return True
    return space.host_id == viewer.pk and timezone.now() >= _opens_at(space)


def _opens_at(space: Space) -> datetime:
    """Return when the host may start. A Space without a time may start at once."""
    if space.scheduled_for is None:
        return timezone.now()
    return space.scheduled_for - timedelta(seconds=LIMITS.early_start_s)


def _room(request: HttpRequest, space: Space, viewer: User | None) -> HttpResponse:
    seats = sorted(space.seats.all(), key=lambda seat: (RANK[Seat.Role(seat.role)], seat.order))
    people = presence_store.counts([space.public_id]).get(space.public_id, 0)
    here = sum(1 for seat in seats if seat.presence != Seat.Presence.LOST)
    context = {
        "space": space,
        "seats": seats,
        "listening": max(0, people - here),
        "everyone": max(0, people - here) + len(seats),
        "on_stage": viewer is not None and _is_on_stage(space, viewer),
        "blocked": _blocked_by(viewer),
        "reactions": json.dumps(named_reactions()),
    }
    return render(request, "spaces/room.html", context)


def _is_on_stage(space: Space, viewer: User) -> bool:
    """True for whoever has a seat, and for a host who is about to take it.

    In a live room staff may have taken it.
    """
    is_about_to = space.host_id == viewer.pk and space.state != Space.State.LIVE
    return is_about_to or any(seat.user_id == viewer.pk for seat in space.seats.all())


def _blocked_by(viewer: User | None) -> list[int]:
    """Return whom the viewer blocked: the page mutes them and warns when they are on stage (RULES
    §9).
    """
    if viewer is None:
        return []
    return list(
        Block.objects.filter(blocker=viewer).values_list("blocked_id", flat=True)[:MOST_BLOCKED]
    )


def _scheduled(request: HttpRequest, space: Space, viewer: User | None) -> HttpResponse:
    now = timezone.now()
    late = space.scheduled_for is not None and now > space.scheduled_for + timedelta(
        seconds=LIMITS.late_notice_s
    )
    context = {
        "card": cards_of([space], viewer)[0],
        "space": space,
        "is_host": viewer is not None and space.host_id == viewer.pk,
        "opens_at": _opens_at(space),
        "is_due": space.scheduled_for is not None and now >= space.scheduled_for,
        "is_late": late,
    }
    return render(request, "spaces/scheduled.html", context)


def _over(request: HttpRequest, space: Space) -> HttpResponse:
    spoke = Attendance.objects.filter(
        space=space, was_on_stage=True, user__is_active=True
    ).select_related("user")
    context = {
        "space": space,
        "people": [row.user for row in spoke.order_by("first_joined_at")[:FACES_OF_THE_END]],
        "lasted": space.ended_at - space.started_at
        if space.ended_at and space.started_at
        else None,
    }
    return render(request, "spaces/over.html", context)
