"""Keeping order on stage and in the room. Nothing here ever opens a microphone or a camera."""

from dataclasses import replace

from spaces.rooms import commands, events
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Privilege
from spaces.rooms.rules import succession
from spaces.rooms.rules.context import (
    Rule,
    RuleContext,
    require,
    seat_of,
    with_cooldowns,
    with_seat,
    without_invitation,
    without_request,
    without_seat,
)
from spaces.rooms.state import Cooldowns, Role, Room, Seat


def move_down(context: RuleContext, command: commands.MoveDown) -> Room:
    seat = _target(context, Privilege.MOVE_DOWN, command.user)
    if seat.role is Role.HOST:
        return succession.without_host(context, without_invitation(context.room, seat.user))
    return without_invitation(without_seat(context.room, seat.user), seat.user)


def mute(context: RuleContext, command: commands.MuteSeat) -> Room:
    return with_seat(
        context.room, _muted(_target(context, Privilege.MUTE, command.user), context.me)
    )


def ask_to_unmute(context: RuleContext, command: commands.AskToUnmute) -> Room:
    """Ask them, and note when they may be asked again.

    Raises RoomError too_soon, at most 1 per 30 s.
    """
    seat = _target(context, Privilege.MUTE, command.user)
    may_be_asked_at = context.room.cooldowns.get(seat.user, Cooldowns()).may_be_asked_at
    if may_be_asked_at and context.now < may_be_asked_at:
        raise RoomError(ErrorCode.TOO_SOON)
    context.told_once.append(events.UnmuteAsked(to=seat.user, by=context.me))
    # As long as they are not asked again, a page that comes, or catches up, is told of it, too.
    may_be_asked_at = context.after(context.limits.ask_unmute_every_s)
    room = with_seat(context.room, replace(seat, asked_by=context.me))
    return with_cooldowns(room, seat.user, may_be_asked_at=may_be_asked_at)


def turn_camera_off(context: RuleContext, command: commands.TurnCameraOff) -> Room:
    """Stop both of their pictures, camera and screen."""
    seat = _target(context, Privilege.MUTE, command.user)
    return with_seat(context.room, replace(seat, camera=False, screen=False))


def mute_all(context: RuleContext, command: commands.MuteAll) -> Room:
    """Mute all but the host and the actor (RULES §5)."""
    require(context, Privilege.MUTE)
    # A microphone that is off stays as it is: its owner was not muted by anyone.
    seats = (
        _muted(seat, context.me)
        if seat.microphone and seat.role is not Role.HOST and seat.user != context.actor.id
        else seat
        for seat in context.room.seats
    )
    return replace(context.room, seats=tuple(seats))


def lock_microphones(context: RuleContext, command: commands.LockMicrophones) -> Room:
    require(context, Privilege.MUTE)
    return replace(context.room, mics_locked=command.on)


def remove(context: RuleContext, command: commands.Remove) -> Room:
    """Put a user out for good, also one who has already left."""
    room, user = context.room, command.user
    # Without a seat as target a co-host may remove any listener (RULES §4).
    seat = room.seat_of(user)
    require(context, Privilege.REMOVE, seat)
    person = room.people.get(user)
    if person is None:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    if user == context.me or (person.is_staff and not context.actor.is_staff):
        raise RoomError(ErrorCode.NOT_ALLOWED)
    return put_out(context, replace(room, bans={**room.bans, user: context.me}), user)


def unban(context: RuleContext, command: commands.Unban) -> Room:
    require(context, Privilege.UNBAN)
    if command.user not in context.room.bans:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    bans = {user: by for user, by in context.room.bans.items() if user != command.user}
    return replace(context.room, bans=bans)


def expel(context: RuleContext, command: commands.Expel) -> Room:
    """Take a user out whom the site wants out."""
    context.told_once.append(events.Removed(to=command.user))
    # No ban in their name: the block or the suspension keeps them out, for as long as it holds.
    return put_out(context, context.room, command.user)


def put_out(context: RuleContext, room: Room, user: int) -> Room:
    """Take everything a user has in the room.

    For a host who is put out a co-host stands in, or the room ends.
    """
    room = without_invitation(without_request(room, user), user)
    seat = room.seat_of(user)
    if seat and seat.role is Role.HOST:
        return succession.without_host(context, room)
    return without_seat(room, user)


def _target(context: RuleContext, action: Privilege, user: int) -> Seat:
    """Return the seat of `user` if the actor may do this to it."""
    # The role is asked first: strangers learn nothing from the refusal.
    require(context, action)
    seat = seat_of(context, user)
    if seat.user == context.actor.id:
        # For oneself there are `mic.set`, `camera.set` and `seat.leave`.
        raise RoomError(ErrorCode.NOT_ALLOWED)
    require(context, action, seat)
    return seat


def _muted(seat: Seat, by: int) -> Seat:
    return replace(seat, microphone=False, muted_by=by)


RULES: dict[type[commands.RoomCommand], Rule] = {
    commands.MoveDown: move_down,
    commands.MuteSeat: mute,
    commands.AskToUnmute: ask_to_unmute,
    commands.TurnCameraOff: turn_camera_off,
    commands.MuteAll: mute_all,
    commands.LockMicrophones: lock_microphones,
    commands.Remove: remove,
    commands.Unban: unban,
    commands.Expel: expel,
}
