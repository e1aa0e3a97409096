"""What people on stage do for themselves."""

from dataclasses import replace

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Action
from spaces.rooms.rules.step import (
    Rule,
    Turn,
    own_seat,
    require,
    with_seat,
    without_invitation,
    without_seat,
)
from spaces.rooms.state import Phase, Role, Room, Seat

STAGE_IS_OPEN = (Phase.GREEN, Phase.LIVE)


def set_microphone(turn: Turn, command: commands.SetMicrophone) -> Room:
    seat = _publishing_seat(turn)
    if command.on == seat.microphone:
        return turn.room
    if command.on and turn.room.mics_locked and seat.role is Role.SPEAKER:
        raise RoomError(ErrorCode.MICS_LOCKED)
    return with_seat(turn.room, replace(seat, microphone=command.on, muted_by=None))


def set_camera(turn: Turn, command: commands.SetCamera) -> Room:
    seat = _publishing_seat(turn)
    if command.on and not turn.room.video:
        raise RoomError(ErrorCode.VIDEO_OFF)
    return with_seat(turn.room, replace(seat, camera=command.on))


def set_screen(turn: Turn, command: commands.SetScreen) -> Room:
    """Share a screen. There is one place for it: who shares last takes over."""
    seat = _publishing_seat(turn)
    if not command.on:
        return with_seat(turn.room, replace(seat, screen=False))
    if not turn.room.video:
        raise RoomError(ErrorCode.VIDEO_OFF)
    seats = tuple(replace(other, screen=other.user == seat.user) for other in turn.room.seats)
    return replace(turn.room, seats=seats)


def leave_seat(turn: Turn, command: commands.LeaveSeat) -> Room:
    """Step down. A host hands over or ends instead: a room is never without somebody in charge."""
    seat = own_seat(turn)
    if seat.role is Role.HOST:
        raise RoomError(ErrorCode.HAND_OVER_FIRST)
    return without_invitation(without_seat(turn.room, seat.user), seat.user)


def _publishing_seat(turn: Turn) -> Seat:
    require(turn, Action.PUBLISH)
    if turn.room.phase not in STAGE_IS_OPEN:
        raise RoomError(ErrorCode.NOT_LIVE)
    return own_seat(turn)


RULES: dict[type[commands.Command], Rule] = {
    commands.SetMicrophone: set_microphone,
    commands.SetCamera: set_camera,
    commands.SetScreen: set_screen,
    commands.LeaveSeat: leave_seat,
}
