"""Asking to speak: listener -> requested -> approved, declined, cancelled or expired."""

from dataclasses import replace

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Action
from spaces.rooms.rules import recording
from spaces.rooms.rules.invitations import ask
from spaces.rooms.rules.step import (
    Rule,
    Turn,
    is_free,
    needs_consent,
    person_in_room,
    require,
    require_free,
    require_live,
    take_seat,
    with_waits,
    without_request,
)
from spaces.rooms.state import Phase, Role, Room, SpeakRequest, SpeakRule, Waits


def request_to_speak(turn: Turn, command: commands.RequestToSpeak) -> Room:
    """Take a free seat at once where the speak rule says so, else stand in line.

    Raises RoomError stage_full only where a seat would be theirs, none is free and there is no
    line.
    """
    room, me = turn.room, turn.me
    require_live(turn)
    person_in_room(turn, me)
    if room.seat_of(me):
        raise RoomError(ErrorCode.ALREADY_ON_STAGE)
    if room.request_of(me):
        raise RoomError(ErrorCode.ALREADY_REQUESTED)
    room = recording.agree(room, me, said=command.consent)
    if speaks_at_once(room, me):
        if is_free(turn, room, Role.SPEAKER):
            return take_seat(turn, room, me, Role.SPEAKER)
        if not room.requests_open:
            raise RoomError(ErrorCode.STAGE_FULL)
    _check_line(turn, me)
    reason = " ".join(command.reason.split())  # One line, whatever was typed.
    request = SpeakRequest(user=me, reason=reason, requested_at=turn.now)
    return replace(room, requests=(*room.requests, request))


def speaks_at_once(room: Room, user: int) -> bool:
    person = room.people[user]
    followed = room.speak_rule is SpeakRule.FOLLOWED and person.followed_by_host
    return room.speak_rule is SpeakRule.EVERYONE or followed


def seat_those_who_wait(turn: Turn, room: Room) -> Room:
    """Give free seats to those in line whom the speak rule seats at once, in their order; called
    after every change.

    They pressed Speak while the stage was full, or before the rule became theirs. Who is lost keeps
    the place.
    """
    if room.phase is not Phase.LIVE or room.speak_rule is SpeakRule.INVITED:
        return room
    for request in room.requests:
        person = room.people.get(request.user)
        is_ready = (
            person is not None
            and person.is_active
            and not person.blocked_with_host
            and not request.lost_at
        )
        is_ready = is_ready and not needs_consent(room, request.user)
        if is_ready and speaks_at_once(room, request.user) and is_free(turn, room, Role.SPEAKER):
            room = take_seat(turn, room, request.user, Role.SPEAKER)
    return room


def cancel_request(turn: Turn, command: commands.CancelRequest) -> Room:
    if not turn.room.request_of(turn.me):
        raise RoomError(ErrorCode.NO_REQUEST)
    return without_request(turn.room, turn.me)


def approve(turn: Turn, command: commands.ApproveRequest) -> Room:
    """Seat the first-come, or anybody in line. With the stage full the request stays where it is.

    Who has been in line since before the recording began is asked, as with an invitation: no seat
    without consent.
    """
    require(turn, Action.MANAGE_SPEAKERS)
    require_live(turn)
    if not turn.room.request_of(command.user):
        raise RoomError(ErrorCode.NO_REQUEST)
    person_in_room(turn, command.user)
    if needs_consent(turn.room, command.user):
        require_free(turn, turn.room, Role.SPEAKER)
        return ask(turn, without_request(turn.room, command.user), command.user, Role.SPEAKER)
    return take_seat(turn, turn.room, command.user, Role.SPEAKER)


def decline(turn: Turn, command: commands.DeclineRequest) -> Room:
    require(turn, Action.MANAGE_SPEAKERS)
    if not turn.room.request_of(command.user):
        raise RoomError(ErrorCode.NO_REQUEST)
    again = turn.after(turn.limits.request_again_s)
    return with_waits(without_request(turn.room, command.user), command.user, may_request_at=again)


def _check_line(turn: Turn, user: int) -> None:
    if not turn.room.requests_open:
        raise RoomError(ErrorCode.REQUESTS_CLOSED)
    may_request_at = turn.room.waits.get(user, Waits()).may_request_at
    if may_request_at and turn.now < may_request_at:
        raise RoomError(ErrorCode.TOO_SOON)
    if len(turn.room.requests) >= turn.limits.requests_in_line:
        raise RoomError(ErrorCode.TOO_MANY)


RULES: dict[type[commands.Command], Rule] = {
    commands.RequestToSpeak: request_to_speak,
    commands.CancelRequest: cancel_request,
    commands.ApproveRequest: approve,
    commands.DeclineRequest: decline,
}
