"""What participants on stage do for themselves."""

from dataclasses import replace

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Privilege
from spaces.rooms.rules.context import (
    Rule,
    RuleContext,
    own_seat,
    require,
    with_seat,
    without_invitation,
    without_seat,
)
from spaces.rooms.state import Phase, Role, Room, Seat, Source

STAGE_IS_OPEN = (Phase.GREEN, Phase.LIVE)


def set_microphone(context: RuleContext, command: commands.SetMicrophone) -> Room:
    seat = _publishing_seat(context)
    if command.on == seat.microphone:
        return context.room
    if command.on and context.room.mics_locked and seat.role is Role.SPEAKER:
        raise RoomError(ErrorCode.MICS_LOCKED)
    # One's own word is the newest: the page no longer says who muted them.
    seat = _without_interruption(seat, Source.MIC)
    # Un-muting answers who asked for it.
    asked_by = None if command.on else seat.asked_by
    return with_seat(
        context.room, replace(seat, microphone=command.on, muted_by=None, asked_by=asked_by)
    )


def set_camera(context: RuleContext, command: commands.SetCamera) -> Room:
    seat = _publishing_seat(context)
    if command.on and not context.room.video:
        raise RoomError(ErrorCode.VIDEO_OFF)
    seat = _without_interruption(seat, Source.CAMERA)
    return with_seat(context.room, replace(seat, camera=command.on))


def set_screen(context: RuleContext, command: commands.SetScreen) -> Room:
    """Share a screen. There is one place for it: who shares last takes over."""
    seat = _publishing_seat(context)
    # To stop sharing nothing is asked: a screen that is on can always be taken off.
    if not command.on:
        return with_seat(context.room, replace(seat, screen=False))
    if not context.room.video:
        raise RoomError(ErrorCode.VIDEO_OFF)
    room = with_seat(context.room, _without_interruption(seat, Source.SCREEN))
    seats = tuple(replace(other, screen=other.user == seat.user) for other in room.seats)
    return replace(room, seats=seats)


def report_interruptions(context: RuleContext, command: commands.ReportInterruptions) -> Room:
    seat = replace(_publishing_seat(context), interrupted=command.sources)
    # In one order and each once, so that what is told again is no change.
    told = tuple(source for source in Source if source in seat.interruptions)
    return with_seat(context.room, replace(seat, interrupted=told))


def leave_seat(context: RuleContext, command: commands.LeaveSeat) -> Room:
    """Step down."""
    # A host hands over or ends instead: a live room is never left without one in charge.
    seat = own_seat(context)
    if seat.role is Role.HOST:
        raise RoomError(ErrorCode.HAND_OVER_FIRST)
    return without_invitation(without_seat(context.room, seat.user), seat.user)


def _without_interruption(seat: Seat, source: Source) -> Seat:
    """What is opened anew, or closed, was not taken by the system."""
    return replace(seat, interrupted=tuple(one for one in seat.interrupted if one is not source))


def _publishing_seat(context: RuleContext) -> Seat:
    require(context, Privilege.PUBLISH)
    if context.room.phase not in STAGE_IS_OPEN:
        raise RoomError(ErrorCode.NOT_LIVE)
    return own_seat(context)


RULES: dict[type[commands.RoomCommand], Rule] = {
    commands.SetMicrophone: set_microphone,
    commands.SetCamera: set_camera,
    commands.SetScreen: set_screen,
    commands.ReportInterruptions: report_interruptions,
    commands.LeaveSeat: leave_seat,
}
