"""Asking a user on stage: invited -> accepted, refused or expired.

No seat is held before the answer.
"""

from dataclasses import replace

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Privilege
from spaces.rooms.rules.context import (
    Rule,
    RuleContext,
    person_in_room,
    require,
    require_free,
    require_live,
    take_seat,
    without_invitation,
)
from spaces.rooms.rules.recording import agree
from spaces.rooms.state import Invitation, Role, Room


def invite(context: RuleContext, command: commands.Invite) -> Room:
    require(
        context,
        Privilege.MANAGE_COHOSTS if command.role is Role.COHOST else Privilege.MANAGE_SPEAKERS,
    )
    require_live(context)
    if command.role not in (Role.SPEAKER, Role.COHOST):
        raise RoomError(ErrorCode.BAD_MESSAGE)
    # A speaker may still be invited as co-host.
    seat = context.room.seat_of(command.user)
    if seat and (command.role is Role.SPEAKER or seat.role is not Role.SPEAKER):
        raise RoomError(ErrorCode.ALREADY_ON_STAGE)
    person_in_room(context, command.user)
    # Free now; whether it still is, is decided when they accept (RULES §5: no seat is held).
    require_free(context, context.room, command.role)
    return ask(context, context.room, command.user, command.role)


def ask(context: RuleContext, room: Room, user: int, role: Role) -> Room:
    """Put the question.

    Asking the same again before it has run out is too soon; another question replaces it.
    """
    open_one = room.invitation_of(user)
    if open_one and open_one.role is role and context.now < open_one.expires_at:
        raise RoomError(ErrorCode.TOO_SOON)
    asked = Invitation(
        user=user, role=role, by=context.me, expires_at=context.after(context.limits.invitation_s)
    )
    return replace(room, invitations=(*without_invitation(room, user).invitations, asked))


def accept(context: RuleContext, command: commands.AcceptInvitation) -> Room:
    """Take the seat. With the stage full the invitation stays open until it runs out."""
    require_live(context)
    invitation = open_invitation(context)
    # To take over has an answer of its own, `host.accept`.
    if invitation.role is Role.HOST:
        raise RoomError(ErrorCode.NO_INVITATION)
    seat = context.room.seat_of(context.me)
    if seat and seat.role in (invitation.role, Role.COHOST, Role.HOST):
        raise RoomError(ErrorCode.ALREADY_ON_STAGE)
    return take_seat(
        context, agree(context.room, context.me, said=command.consent), context.me, invitation.role
    )


def decline(context: RuleContext, command: commands.DeclineInvitation) -> Room:
    if open_invitation(context).role is Role.HOST:
        raise RoomError(ErrorCode.NO_INVITATION)
    return without_invitation(context.room, context.me)


def open_invitation(context: RuleContext) -> Invitation:
    invitation = context.room.invitation_of(context.me)
    if invitation is None:
        raise RoomError(ErrorCode.NO_INVITATION)
    # The clock may be late with its look, so it is asked here as well.
    if context.now >= invitation.expires_at:
        raise RoomError(ErrorCode.EXPIRED)
    return invitation


RULES: dict[type[commands.RoomCommand], Rule] = {
    commands.Invite: invite,
    commands.AcceptInvitation: accept,
    commands.DeclineInvitation: decline,
}
