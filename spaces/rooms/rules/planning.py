"""What the host may change before the start: everything that "Name your Space" asks for."""

from dataclasses import replace
from datetime import timedelta

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.rules.context import Rule, RuleContext, with_video
from spaces.rooms.state import Phase, Room
from spaces.rooms.titles import clean_title
from spaces.rooms.wall_clock import WallTime, wall_time


def edit(context: RuleContext, command: commands.EditSpace) -> Room:
    _check_may_plan(context)
    room = replace(
        context.room,
        title=clean_title(command.title, context.limits),
        topics=command.topics,
        language=command.language,
        speak_rule=command.speak_rule,
        recording_wanted=command.recording_wanted,
        transcript_wanted=command.transcript_wanted,
        visitors_allowed=command.visitors_allowed,
    )
    # A green room may be open already, with the host's camera on.
    return with_video(room, command.video)


def move(context: RuleContext, command: commands.MoveSpace) -> Room:
    """Raises RoomError bad_time unless the new time lies in the next days (RULES §3)."""
    _check_may_plan(context)
    latest = context.now + timedelta(seconds=context.limits.schedule_ahead_s)
    if not context.now < command.scheduled_for <= latest:
        raise RoomError(ErrorCode.BAD_TIME)
    return _at(context.room, wall_time(command.scheduled_for, command.time_zone))


def keep_wall_clock(context: RuleContext, command: commands.KeepWallClock) -> Room:
    """Move the start to the instant at which the host's clock shows the time they chose.

    Doing it twice changes nothing, and a host who has moved the Space meanwhile is not undone.
    """
    # What is live has begun, whatever the zone says of it now.
    room = context.room
    if room.phase is Phase.LIVE or room.wall_time is None:
        return room
    return _at(room, room.wall_time)


def _at(room: Room, start: WallTime) -> Room:
    return replace(room, scheduled_for=start.instant, wall_time=start)


def _check_may_plan(context: RuleContext) -> None:
    """Raise RoomError not_allowed (log_in for a visitor) or already_started."""
    if context.actor.id != context.room.host:
        raise RoomError(ErrorCode.NOT_ALLOWED if context.actor.id is not None else ErrorCode.LOG_IN)
    if context.room.phase is Phase.LIVE:
        raise RoomError(ErrorCode.ALREADY_STARTED)


RULES: dict[type[commands.RoomCommand], Rule] = {
    commands.EditSpace: edit,
    commands.MoveSpace: move,
    commands.KeepWallClock: keep_wall_clock,
}
