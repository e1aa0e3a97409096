"""Keeping order on stage and in the room. Nothing here ever opens a microphone or a camera."""

from dataclasses import replace

from spaces.rooms import commands, events
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Action
from spaces.rooms.rules import succession
from spaces.rooms.rules.step import (
    Rule,
    Turn,
    require,
    seat_of,
    with_seat,
    with_waits,
    without_invitation,
    without_request,
    without_seat,
)
from spaces.rooms.state import Role, Room, Seat, Waits


def move_down(turn: Turn, command: commands.MoveDown) -> Room:
    seat = _target(turn, Action.MOVE_DOWN, command.user)
    if seat.role is Role.HOST:
        return succession.without_host(turn, without_invitation(turn.room, seat.user))
    return without_invitation(without_seat(turn.room, seat.user), seat.user)


def mute(turn: Turn, command: commands.MuteSeat) -> Room:
    return with_seat(turn.room, _muted(_target(turn, Action.MUTE, command.user), turn.me))


def ask_to_unmute(turn: Turn, command: commands.AskToUnmute) -> Room:
    """Note when they may be asked again; `asked` tells them.

    Raises RoomError too_soon, at most 1 per 30 s.
    """
    seat = _target(turn, Action.MUTE, command.user)
    may_be_asked_at = turn.room.waits.get(seat.user, Waits()).may_be_asked_at
    if may_be_asked_at and turn.now < may_be_asked_at:
        raise RoomError(ErrorCode.TOO_SOON)
    return with_waits(
        turn.room, seat.user, may_be_asked_at=turn.after(turn.limits.ask_unmute_every_s)
    )


def asked(turn: Turn, command: commands.AskToUnmute) -> tuple[events.Event, ...]:
    return (events.UnmuteAsked(to=command.user, by=turn.me),)


def told_to_go(turn: Turn, command: commands.PutOut) -> tuple[events.Event, ...]:
    return (events.Removed(to=command.user),)


def turn_camera_off(turn: Turn, command: commands.TurnCameraOff) -> Room:
    """Stop both of their pictures, camera and screen."""
    seat = _target(turn, Action.MUTE, command.user)
    return with_seat(turn.room, replace(seat, camera=False, screen=False))


def mute_all(turn: Turn, command: commands.MuteAll) -> Room:
    """Mute all but the host and whoever pressed it."""
    require(turn, Action.MUTE)
    seats = (seat if _is_spared(turn, seat) else _muted(seat, turn.me) for seat in turn.room.seats)
    return replace(turn.room, seats=tuple(seats))


def _is_spared(turn: Turn, seat: Seat) -> bool:
    return not seat.microphone or seat.role is Role.HOST or seat.user == turn.actor.id


def lock_microphones(turn: Turn, command: commands.LockMicrophones) -> Room:
    require(turn, Action.MUTE)
    return replace(turn.room, mics_locked=command.on)


def remove(turn: Turn, command: commands.Remove) -> Room:
    """Put somebody out for good, also somebody who has already left."""
    room, user = turn.room, command.user
    seat = room.seat_of(user)
    require(turn, Action.REMOVE, seat)
    person = room.people.get(user)
    if person is None:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    if user == turn.me or (person.is_staff and not turn.actor.is_staff):
        raise RoomError(ErrorCode.NOT_ALLOWED)
    return put_out(turn, replace(room, bans={**room.bans, user: turn.me}), user)


def unban(turn: Turn, command: commands.Unban) -> Room:
    require(turn, Action.UNBAN)
    if command.user not in turn.room.bans:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    bans = {user: by for user, by in turn.room.bans.items() if user != command.user}
    return replace(turn.room, bans=bans)


def put_out_by_house(turn: Turn, command: commands.PutOut) -> Room:
    """Take somebody out without a removal in their name: what put them out (a block, a suspension)
    keeps them out.
    """
    return put_out(turn, turn.room, command.user)


def put_out(turn: Turn, room: Room, user: int) -> Room:
    """Take everything somebody has in the room.

    For a host who is put out a co-host stands in, or the room ends.
    """
    room = without_invitation(without_request(room, user), user)
    seat = room.seat_of(user)
    if seat and seat.role is Role.HOST:
        return succession.without_host(turn, room)
    return without_seat(room, user)


def _target(turn: Turn, action: Action, user: int) -> Seat:
    """Return the seat of `user` if the actor may do this to it.

    The role is asked first: strangers learn nothing.
    """
    require(turn, action)
    seat = seat_of(turn, user)
    if seat.user == turn.actor.id:
        # For oneself there are `mic.set`, `camera.set` and `seat.leave`.
        raise RoomError(ErrorCode.NOT_ALLOWED)
    require(turn, action, seat)
    return seat


def _muted(seat: Seat, by: int) -> Seat:
    return replace(seat, microphone=False, muted_by=by)


RULES: dict[type[commands.Command], Rule] = {
    commands.MoveDown: move_down,
    commands.MuteSeat: mute,
    commands.AskToUnmute: ask_to_unmute,
    commands.TurnCameraOff: turn_camera_off,
    commands.MuteAll: mute_all,
    commands.LockMicrophones: lock_microphones,
    commands.Remove: remove,
    commands.Unban: unban,
    commands.PutOut: put_out_by_house,
}
