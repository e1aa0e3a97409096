"""What staff do to a room from outside it, and what a suspension does to the rooms of the person."""

from django.db import transaction

from accounts.extension_points.reports import Case, Evidence
from accounts.models import Decision, User
from accounts.moderation import decisions, suspensions
from spaces.models import AuditEntry, Pin, Seat, Space
from spaces.rooms import commands, service
from spaces.rooms.errors import RoomError
from spaces.services import captions, room_timers, scheduling

Action = Decision.Action
ACTIONS_KEPT = 100


def case() -> Case:
    return Case(_host_of, _evidence, {Action.END: _end})


def _host_of(pk: int) -> User | None:
    space = Space.objects.filter(pk=pk).select_related("host").first()
    return space.host if space else None


def _evidence(pk: int) -> Evidence:
    """Who was on stage in which role, what was done by whom, pinned, and said in the last minutes
    (RULES §9).
    """
    space = Space.objects.filter(pk=pk).select_related("host").first()
    if space is None:
        return Evidence()
    seats = Seat.objects.filter(space=space).select_related("user")
    deeds = AuditEntry.objects.filter(space=space).order_by("-id")[:ACTIONS_KEPT]
    pins = Pin.objects.filter(space=space).select_related("post__author")
    return Evidence(
        {
            "title": space.title,
            "host": space.host.handle,
            "state": space.state,
            "stage": [
                {"handle": seat.user.handle, "role": seat.role, "microphone": seat.microphone}
                for seat in seats
            ],
            "actions": [f"{one.at:%H:%M:%S} {one}" for one in reversed(deeds)],
            "pins": [f"@{pin.post.author.handle}: {pin.post.text}" for pin in pins],
            "captions": [f"{line.name}: {line.text}" for line in captions.recent(space)],
        }
    )


def _end(pk: int, staff: User) -> None:
    """End what is live, call off what has not begun; LookupError for what is over."""
    space = Space.objects.get(pk=pk)
    try:
        if space.state == Space.State.LIVE:
            scheduling.end(space, staff)
        else:
            scheduling.cancel(space, staff)
    except RoomError as error:
        raise LookupError(error.code) from error


def end(space: Space, staff: User, note: str = "") -> None:
    """End a room and write it down. Raises RoomError."""
    with transaction.atomic():
        if space.state == Space.State.LIVE:
            scheduling.end(space, staff)
        else:
            scheduling.cancel(space, staff)
        decisions.note_deed(staff, Action.END, space.host, "space", space.pk, space.title, note)


def mute(space: Space, person: User, staff: User, note: str = "") -> None:
    """Mute somebody on stage. Raises RoomError."""
    _in_room(space, person, staff, commands.MuteSeat(person.pk), Action.MUTE, note)


def put_out(space: Space, person: User, staff: User, note: str = "") -> None:
    """Remove somebody from a room for good. Raises RoomError."""
    _in_room(space, person, staff, commands.Remove(person.pk), Action.PUT_OUT, note)


def _in_room(
    space: Space, person: User, staff: User, command: commands.Aimed, action: Action, note: str
) -> None:
    with transaction.atomic():
        service.execute(space.public_id, service.actor_of(staff), command)
        decisions.note_deed(staff, action, person, "space", space.pk, space.title, note)


def on_suspended(sender: type[User], user: User, **kwargs: object) -> None:
    """Take a suspended person off every stage now, and call off what they cannot hold."""
    for room in Seat.objects.filter(user=user).select_related("space"):
        if not room.space.is_over:
            room_timers.put_out(room.space.public_id, user.pk)
    suspension = suspensions.current(user)
    if suspension is None or suspension.decision.actor is None:
        return
    ahead = Space.objects.upcoming().filter(host=user)
    if suspension.until:
        ahead = ahead.filter(scheduled_for__lt=suspension.until)
    for space in ahead:
        scheduling.cancel(space, suspension.decision.actor)
