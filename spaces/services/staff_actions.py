"""What staff do to a room from outside it, and what a suspension does to the rooms of the person."""

from django.db import transaction

from accounts.models import Decision, User
from accounts.moderation import decisions, suspensions
from spaces.models import Seat, Space
from spaces.rooms import commands, service
from spaces.services import room_timers, scheduling

Action = Decision.Action


def end(space: Space, staff: User, note: str = "") -> None:
    """End a room and write it down. Raises RoomError."""
    with transaction.atomic():
        if space.state == Space.State.LIVE:
            scheduling.end(space, staff)
        else:
            scheduling.cancel(space, staff)
        decisions.log_action(staff, Action.END, space.host, "space", space.pk, space.title, note)


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
        decisions.log_action(staff, action, person, "space", space.pk, space.title, note)


def on_suspended(user: User) -> None:
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
