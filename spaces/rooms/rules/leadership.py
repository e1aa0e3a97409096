"""The host's own verbs: hand over, co-hosts, settings, spotlight."""

from dataclasses import replace

from msgspec import UNSET

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Privilege
from spaces.rooms.rules import succession
from spaces.rooms.rules.context import (
    Rule,
    RuleContext,
    person_in_room,
    require,
    require_free,
    require_live,
    seat_of,
    with_seat,
    with_video,
    without_invitation,
    without_seat,
)
from spaces.rooms.rules.invitations import ask, open_invitation
from spaces.rooms.state import Role, Room
from spaces.rooms.titles import clean_title


def hand_over(context: RuleContext, command: commands.HandOver) -> Room:
    """Give the room to a co-host at once, or ask a speaker to take it."""
    require(context, Privilege.HAND_OVER)
    require_live(context)
    seat = seat_of(context, command.user)
    if seat.user == context.room.host:
        raise RoomError(ErrorCode.NOT_ALLOWED)
    person_in_room(context, seat.user)
    _check_may_host(context.room, seat.user)
    # A co-host has agreed to lead by accepting that place; a speaker is never promoted unasked.
    if seat.role is Role.COHOST:
        return succession.make_host(context, without_invitation(context.room, seat.user), seat.user)
    return ask(context, context.room, seat.user, Role.HOST)


def accept_host(context: RuleContext, command: commands.AcceptHost) -> Room:
    require_live(context)
    if open_invitation(context).role is not Role.HOST:
        raise RoomError(ErrorCode.NO_INVITATION)
    # Asked as a speaker, they may have left the stage since, or begun to host elsewhere.
    seat_of(context, context.me)
    _check_may_host(context.room, context.me)
    return succession.make_host(context, without_invitation(context.room, context.me), context.me)


def decline_host(context: RuleContext, command: commands.DeclineHost) -> Room:
    if open_invitation(context).role is not Role.HOST:
        raise RoomError(ErrorCode.NO_INVITATION)
    return without_invitation(context.room, context.me)


def remove_cohost(context: RuleContext, command: commands.RemoveCohost) -> Room:
    """Make a co-host a speaker again; a listener if all ten speakers' seats are taken."""
    require(context, Privilege.MANAGE_COHOSTS)
    seat = seat_of(context, command.user)
    if seat.role is not Role.COHOST:
        raise RoomError(ErrorCode.NOT_ALLOWED)
    try:
        require_free(context, context.room, Role.SPEAKER)
    except RoomError:
        return without_seat(context.room, seat.user)
    return with_seat(context.room, replace(seat, role=Role.SPEAKER, role_since=context.now))


def update(context: RuleContext, command: commands.UpdateRoom) -> Room:
    """Change the room's settings.

    No participant leaves the stage by it; cameras go dark when video is switched off.
    """
    require(context, Privilege.EDIT)
    room = context.room
    if command.title is not UNSET:
        room = replace(room, title=clean_title(command.title, context.limits))
    if command.speak_rule is not UNSET:
        room = replace(room, speak_rule=command.speak_rule)
    if command.requests_open is not UNSET:
        room = replace(room, requests_open=command.requests_open)
    if command.locked is not UNSET:
        room = replace(room, locked=command.locked)
    return room if command.video is UNSET else with_video(room, command.video)


def set_spotlight(context: RuleContext, command: commands.SetSpotlight) -> Room:
    require(context, Privilege.SPOTLIGHT)
    if command.user is not None:
        seat_of(context, command.user)
    return replace(context.room, spotlight=command.user)


def _check_may_host(room: Room, user: int) -> None:
    if room.people[user].is_protected:
        raise RoomError(ErrorCode.PROTECTED_ACCOUNT)
    if room.people[user].hosts_elsewhere:
        raise RoomError(ErrorCode.ALREADY_LIVE)


RULES: dict[type[commands.RoomCommand], Rule] = {
    commands.HandOver: hand_over,
    commands.AcceptHost: accept_host,
    commands.DeclineHost: decline_host,
    commands.RemoveCohost: remove_cohost,
    commands.UpdateRoom: update,
    commands.SetSpotlight: set_spotlight,
}
