"""What staff do to a room from outside it, and what a suspension does to the user's rooms."""

from django.db import transaction

from accounts.models import Decision, User
from accounts.moderation import decisions, suspensions
from spaces.models import Seat, Space
from spaces.rooms import commands, service
from spaces.rooms.actor import Actor
from spaces.services import room_timers, scheduling

Action = Decision.Action


def end(space: Space, staff: User, note: str = "") -> None:
    """End or cancel a Space and log it. Raises RoomError."""
    with transaction.atomic():
        if space.state == Space.State.LIVE:
            scheduling.end(space, staff)
        else:
            scheduling.cancel(space, staff)
        decisions.log_action(staff, Action.END, space.host, "space", space.pk, space.title, note)


def mute(space: Space, person: User, staff: User, note: str = "") -> None:
    """Mute a participant on stage. Raises RoomError."""
    _execute(space, person, staff, commands.MuteSeat(person.pk), Action.MUTE, note)


def remove(space: Space, person: User, staff: User, note: str = "") -> None:
    """Remove a user from a room for good. Raises RoomError."""
    _execute(space, person, staff, commands.Remove(person.pk), Action.PUT_OUT, note)


def _execute(
    space: Space, person: User, staff: User, command: commands.Aimed, action: Action, note: str
) -> None:
    # The log of decisions has the action only if the room took it.
    with transaction.atomic():
        service.execute(space.public_id, service.actor_of(staff), command)
        decisions.log_action(staff, action, person, "space", space.pk, space.title, note)


def on_suspended(user: User) -> None:
    """Take a suspended user off every stage now, and cancel what they cannot host."""
    for seat in Seat.objects.filter(user=user).select_related("space"):
        if not seat.space.is_over:
            room_timers.expel(seat.space.public_id, user.pk)
    suspension = suspensions.current(user)
    if suspension is None or suspension.decision.actor is None:
        return
    upcoming = Space.objects.upcoming().filter(host=user)
    # What begins after a suspension can take place.
    if suspension.until:
        upcoming = upcoming.filter(scheduled_for__lt=suspension.until)
    # By the powers of the log-in that decided, though this may run after it.
    staff = Actor(suspension.decision.actor.pk, is_staff=True)
    for space in upcoming:
        service.execute(space.public_id, staff, commands.CancelSpace())
