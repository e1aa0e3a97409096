"""Asking somebody on stage: invited -> accepted, refused or expired.

No seat is held before the answer.
"""

from dataclasses import replace

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Action
from spaces.rooms.rules.recording import agree
from spaces.rooms.rules.step import (
    Rule,
    Turn,
    person_in_room,
    require,
    require_free,
    require_live,
    take_seat,
    without_invitation,
)
from spaces.rooms.state import Invitation, Role, Room


def invite(turn: Turn, command: commands.Invite) -> Room:
    require(turn, Action.MANAGE_COHOSTS if command.role is Role.COHOST else Action.MANAGE_SPEAKERS)
    require_live(turn)
    if command.role not in (Role.SPEAKER, Role.COHOST):
        raise RoomError(ErrorCode.BAD_MESSAGE)
    _check_not_there_already(turn, command)
    person_in_room(turn, command.user)
    require_free(turn, turn.room, command.role)
    return ask(turn, turn.room, command.user, command.role)


def ask(turn: Turn, room: Room, user: int, role: Role) -> Room:
    """Put the question.

    Asking the same again before it has run out is too soon; another question replaces it.
    """
    open_one = room.invitation_of(user)
    if open_one and open_one.role is role and turn.now < open_one.expires_at:
        raise RoomError(ErrorCode.TOO_SOON)
    asked = Invitation(
        user=user, role=role, by=turn.me, expires_at=turn.after(turn.limits.invitation_s)
    )
    return replace(room, invitations=(*without_invitation(room, user).invitations, asked))


def accept(turn: Turn, command: commands.AcceptInvitation) -> Room:
    """Take the seat. With the stage full the invitation stays open until it runs out."""
    require_live(turn)
    invitation = open_invitation(turn)
    if invitation.role is Role.HOST:
        raise RoomError(ErrorCode.NO_INVITATION)
    seat = turn.room.seat_of(turn.me)
    if seat and seat.role in (invitation.role, Role.COHOST, Role.HOST):
        raise RoomError(ErrorCode.ALREADY_ON_STAGE)
    return take_seat(
        turn, agree(turn.room, turn.me, said=command.consent), turn.me, invitation.role
    )


def decline(turn: Turn, command: commands.DeclineInvitation) -> Room:
    if open_invitation(turn).role is Role.HOST:
        raise RoomError(ErrorCode.NO_INVITATION)
    return without_invitation(turn.room, turn.me)


def open_invitation(turn: Turn) -> Invitation:
    invitation = turn.room.invitation_of(turn.me)
    if invitation is None:
        raise RoomError(ErrorCode.NO_INVITATION)
    if turn.now >= invitation.expires_at:
        raise RoomError(ErrorCode.EXPIRED)
    return invitation


def _check_not_there_already(turn: Turn, command: commands.Invite) -> None:
    seat = turn.room.seat_of(command.user)
    if seat and (command.role is Role.SPEAKER or seat.role is not Role.SPEAKER):
        raise RoomError(ErrorCode.ALREADY_ON_STAGE)


RULES: dict[type[commands.Command], Rule] = {
    commands.Invite: invite,
    commands.AcceptInvitation: accept,
    commands.DeclineInvitation: decline,
}
