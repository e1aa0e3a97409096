"""Asking to speak: listener -> requested -> approved, declined, cancelled or expired."""

from dataclasses import replace

from config.text import line
from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Privilege
from spaces.rooms.rules import recording
from spaces.rooms.rules.context import (
    Rule,
    RuleContext,
    is_free,
    needs_consent,
    person_in_room,
    require,
    require_free,
    require_live,
    take_seat,
    with_cooldowns,
    without_request,
)
from spaces.rooms.rules.invitations import ask
from spaces.rooms.state import Cooldowns, Phase, Role, Room, SpeakRequest, SpeakRule


def request_to_speak(context: RuleContext, command: commands.RequestToSpeak) -> Room:
    """Take a free seat at once where the speak rule says so, else join the queue.

    Raises RoomError stage_full only where a seat would be theirs, none is free and the queue is
    closed.
    """
    room, me = context.room, context.me
    require_live(context)
    person_in_room(context, me)
    if room.seat_of(me):
        raise RoomError(ErrorCode.ALREADY_ON_STAGE)
    if room.request_of(me):
        raise RoomError(ErrorCode.ALREADY_REQUESTED)
    # Asked with the request and not at its approval: then the seat would wait for an answer.
    room = recording.agree(room, me, said=command.consent)
    if speaks_at_once(room, me):
        if is_free(context, room, Role.SPEAKER):
            return take_seat(context, room, me, Role.SPEAKER)
        if not room.requests_open:
            raise RoomError(ErrorCode.STAGE_FULL)
    _check_line(context, me)
    request = SpeakRequest(user=me, reason=line(command.reason), requested_at=context.now)
    return replace(room, requests=(*room.requests, request))


def speaks_at_once(room: Room, user: int) -> bool:
    person = room.people[user]
    followed = room.speak_rule is SpeakRule.FOLLOWED and person.followed_by_host
    return room.speak_rule is SpeakRule.EVERYONE or followed


def seat_those_who_wait(context: RuleContext, room: Room) -> Room:
    """Give free seats to those in the queue whom the speak rule seats at once, in their order;
    called after every change.

    They pressed Speak while the stage was full, or before the rule became theirs.
    """
    if room.phase is not Phase.LIVE or room.speak_rule is SpeakRule.INVITED:
        return room
    for request in room.requests:
        # Who is lost, or has still to agree to be recorded, is passed over and keeps the place.
        person = room.people.get(request.user)
        is_ready = (
            person is not None
            and not person.is_away
            and not person.blocked_with_host
            and not request.lost_at
        )
        is_ready = is_ready and not needs_consent(room, request.user)
        if is_ready and speaks_at_once(room, request.user) and is_free(context, room, Role.SPEAKER):
            room = take_seat(context, room, request.user, Role.SPEAKER)
    return room


def cancel_request(context: RuleContext, command: commands.CancelRequest) -> Room:
    if not context.room.request_of(context.me):
        raise RoomError(ErrorCode.NO_REQUEST)
    return without_request(context.room, context.me)


def approve(context: RuleContext, command: commands.ApproveRequest) -> Room:
    """Seat a user from the queue, the first or any other.

    With the stage full the request stays where it is.
    """
    require(context, Privilege.MANAGE_SPEAKERS)
    require_live(context)
    if not context.room.request_of(command.user):
        raise RoomError(ErrorCode.NO_REQUEST)
    person_in_room(context, command.user)
    # Who has been in the queue since before the recording began is asked, as with an invitation: no
    # seat without consent (RULES §8).
    if needs_consent(context.room, command.user):
        require_free(context, context.room, Role.SPEAKER)
        return ask(context, without_request(context.room, command.user), command.user, Role.SPEAKER)
    return take_seat(context, context.room, command.user, Role.SPEAKER)


def decline(context: RuleContext, command: commands.DeclineRequest) -> Room:
    require(context, Privilege.MANAGE_SPEAKERS)
    if not context.room.request_of(command.user):
        raise RoomError(ErrorCode.NO_REQUEST)
    # A minute: a host must be able to decline without being asked again at once (RULES §5).
    again = context.after(context.limits.request_again_s)
    return with_cooldowns(
        without_request(context.room, command.user), command.user, may_request_at=again
    )


def _check_line(context: RuleContext, user: int) -> None:
    if not context.room.requests_open:
        raise RoomError(ErrorCode.REQUESTS_CLOSED)
    may_request_at = context.room.cooldowns.get(user, Cooldowns()).may_request_at
    if may_request_at and context.now < may_request_at:
        raise RoomError(ErrorCode.TOO_SOON)
    if len(context.room.requests) >= context.limits.requests_in_line:
        raise RoomError(ErrorCode.TOO_MANY)


RULES: dict[type[commands.RoomCommand], Rule] = {
    commands.RequestToSpeak: request_to_speak,
    commands.CancelRequest: cancel_request,
    commands.ApproveRequest: approve,
    commands.DeclineRequest: decline,
}
