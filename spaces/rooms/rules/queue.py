"""Asking to speak: listener -> requested -> approved, declined, cancelled or expired."""

from dataclasses import replace

from spaces.rooms import commands
from spaces.rooms.errors import RoomError
from spaces.rooms.permissions import Action
from spaces.rooms.rules.turn import (
    Rule,
    Turn,
    person_in_room,
    require,
    require_live,
    take_seat,
    with_waits,
    without_request,
)
from spaces.rooms.state import Role, Room, SpeakRequest, SpeakRule, Waits


def request_to_speak(turn: Turn, command: commands.RequestToSpeak) -> Room:
    """Take a free seat at once where the speak rule says so, else stand in line."""
    room, me = turn.room, turn.me
    require_live(turn)
    person_in_room(turn, me)
    if room.seat_of(me):
        raise RoomError("already_on_stage")
    if room.request_of(me):
        raise RoomError("already_requested")
    if speaks_at_once(room, me):
        return take_seat(turn, room, me, Role.SPEAKER)
    _check_line(turn, me)
    request = SpeakRequest(user=me, reason=command.reason, requested_at=turn.now)
    return replace(room, requests=(*room.requests, request))


def speaks_at_once(room: Room, user: int) -> bool:
    person = room.people[user]
    followed = room.speak_rule is SpeakRule.FOLLOWED and person.followed_by_host
    return room.speak_rule is SpeakRule.EVERYONE or followed


def cancel_request(turn: Turn, command: commands.CancelRequest) -> Room:
    if not turn.room.request_of(turn.me):
        raise RoomError("no_request")
    return without_request(turn.room, turn.me)


def approve(turn: Turn, command: commands.ApproveRequest) -> Room:
    """Seat the first-come, or anybody in line. With the stage full the request stays where it is."""
    require(turn, Action.MANAGE_SPEAKERS)
    require_live(turn)
    if not turn.room.request_of(command.user):
        raise RoomError("no_request")
    person_in_room(turn, command.user)
    return take_seat(turn, turn.room, command.user, Role.SPEAKER)


def decline(turn: Turn, command: commands.DeclineRequest) -> Room:
    require(turn, Action.MANAGE_SPEAKERS)
    if not turn.room.request_of(command.user):
        raise RoomError("no_request")
    again = turn.after(turn.limits.request_again_s)
    return with_waits(without_request(turn.room, command.user), command.user, may_request_at=again)


def _check_line(turn: Turn, user: int) -> None:
    if not turn.room.requests_open:
        raise RoomError("requests_closed")
    may_request_at = turn.room.waits.get(user, Waits()).may_request_at
    if may_request_at and turn.now < may_request_at:
        raise RoomError("too_soon")
    if len(turn.room.requests) >= turn.limits.requests_in_line:
        raise RoomError("too_many")


RULES: dict[type[commands.Command], Rule] = {
    commands.RequestToSpeak: request_to_speak,
    commands.CancelRequest: cancel_request,
    commands.ApproveRequest: approve,
    commands.DeclineRequest: decline,
}
