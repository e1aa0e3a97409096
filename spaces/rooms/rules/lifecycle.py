"""Coming and going, start and end."""

from dataclasses import replace
from datetime import timedelta

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Privilege
from spaces.rooms.rules import ending, recording, stage
from spaces.rooms.rules.context import Rule, RuleContext, require, silenced, with_seat
from spaces.rooms.state import EndReason, Phase, Presence, Role, Room, Seat


def join(context: RuleContext, command: commands.Join) -> Room:
    """Let a socket in, and give a participant who was gone their seat back.

    The microphone stays as it was only for the same page back in time (RULES §6); any other page
    starts muted.
    """
    check_may_enter(context)
    room, me = context.room, context.actor.id
    # Not sooner: a host who looks at a Space of next week must not open its green room.
    if me == room.host and room.phase is Phase.SCHEDULED and _may_start_now(context):
        room = _open_green_room(context, me)
    seat = room.seat_of(me)
    if seat is not None:
        seat = seat if _is_same_page(context, command, seat) else silenced(seat)
        # By the join itself: the next look of the clock may be a moment away.
        back = replace(seat, presence=Presence.HERE, lost_at=None, seen_at=context.now)
        room = with_seat(room, replace(back, page=command.page))
    # A reconnect within 60 s keeps the place in the queue (RULES §5).
    requests = (replace(r, lost_at=None) if r.user == me else r for r in room.requests)
    return replace(room, requests=tuple(requests))


def _is_same_page(context: RuleContext, command: commands.Join, seat: Seat) -> bool:
    """True if the page that held the seat is back in time."""
    if not (seat.is_connected and command.page and command.page == seat.page):
        return False
    # The clock may be late with its look: a seat that is still connected proves no presence.
    heard_at = command.heard_at and max(command.heard_at, seat.seen_at)
    return (
        heard_at is None or (context.now - heard_at).total_seconds() < context.limits.gone_after_s
    )


def check_may_enter(context: RuleContext) -> None:
    """Raise RoomError not_available, ended, log_in or not_live for a viewer who may not be in this
    room.
    """
    room, me = context.room, context.actor.id
    if room.is_over:
        raise RoomError(ErrorCode.ENDED)
    # A green room without a time is open to its host alone: nothing is public before the start.
    is_private = room.phase is Phase.GREEN and room.scheduled_for is None
    if me is None:
        if room.locked or is_private:
            raise RoomError(ErrorCode.NOT_AVAILABLE)
        if not room.visitors_allowed:
            raise RoomError(ErrorCode.LOG_IN)
        return
    person = room.people.get(me)
    if person is None or person.is_away:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    if context.actor.is_staff or room.seat_of(me) or (me == room.host and me not in room.bans):
        return
    # One code for all of them: a blocked user is given no reason (RULES §9).
    if is_private:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    if me in room.bans or person.blocked_with_host or (room.locked and not person.came_before):
        raise RoomError(ErrorCode.NOT_AVAILABLE)


def leave_room(context: RuleContext, command: commands.LeaveRoom) -> Room:
    """Leave on purpose: nothing is held. The host of a live room hands over or ends it first."""
    room, me = context.room, context.actor.id
    seat = room.seat_of(me)
    if seat is None:
        requests = tuple(r for r in room.requests if r.user != me)
        invitations = tuple(i for i in room.invitations if i.user != me)
        return replace(room, requests=requests, invitations=invitations)
    if seat.role is not Role.HOST:
        return stage.leave_seat(context, commands.LeaveSeat())
    if room.phase is Phase.LIVE:
        raise RoomError(ErrorCode.HAND_OVER_FIRST)
    # A green room without a time has no "later" to go back to: it waits for its host, or is
    # cancelled by the clock.
    return replace(room, phase=Phase.SCHEDULED, seats=()) if room.scheduled_for else room


def start(context: RuleContext, command: commands.StartSpace) -> Room:
    """Go live, recorded where the host chose that, which is the host's consent.

    The host's seat is made if they start without having been in the green room (REST).
    """
    room = context.room
    if context.actor.id != room.host:
        raise RoomError(ErrorCode.NOT_ALLOWED if context.actor.id is not None else ErrorCode.LOG_IN)
    if room.phase is Phase.LIVE:
        raise RoomError(ErrorCode.ALREADY_STARTED)
    if not _may_start_now(context):
        raise RoomError(ErrorCode.TOO_EARLY)
    # The account may have become protected since the Space was planned.
    host = room.people[room.host]
    if host.is_protected:
        raise RoomError(ErrorCode.PROTECTED_ACCOUNT)
    if host.hosts_elsewhere:
        raise RoomError(ErrorCode.ALREADY_LIVE)
    room = room if room.seat_of(room.host) else _open_green_room(context, room.host)
    room = replace(room, phase=Phase.LIVE, started_at=context.now)
    return recording.begin(context, room) if room.recording_wanted else room


def end(context: RuleContext, command: commands.EndSpace) -> Room:
    require(context, Privilege.END)
    if context.room.phase is not Phase.LIVE:
        raise RoomError(ErrorCode.NOT_LIVE)
    seat = context.room.seat_of(context.actor.id)
    # By the seat and not by the account: staff who host are the host here, not moderators.
    in_charge = seat is not None and (
        seat.role is Role.HOST or context.room.acting_host == seat.user
    )
    return ending.finish(
        context, context.room, EndReason.HOST if in_charge else EndReason.MODERATORS
    )


def cancel(context: RuleContext, command: commands.CancelSpace) -> Room:
    if context.actor.id != context.room.host and not context.actor.is_staff:
        raise RoomError(ErrorCode.NOT_ALLOWED if context.actor.id is not None else ErrorCode.LOG_IN)
    if context.room.phase is Phase.LIVE:
        raise RoomError(ErrorCode.ALREADY_STARTED)
    by_host = context.actor.id == context.room.host
    return ending.finish(
        context, context.room, EndReason.CANCELLED if by_host else EndReason.MODERATORS
    )


def _may_start_now(context: RuleContext) -> bool:
    early = timedelta(seconds=context.limits.early_start_s)
    return context.room.scheduled_for is None or context.now >= context.room.scheduled_for - early


def _open_green_room(context: RuleContext, host: int) -> Room:
    seat = Seat(user=host, role=Role.HOST, order=0, role_since=context.now, seen_at=context.now)
    return replace(context.room, phase=Phase.GREEN, seats=(seat,))


RULES: dict[type[commands.RoomCommand], Rule] = {
    commands.Join: join,
    commands.LeaveRoom: leave_room,
    commands.StartSpace: start,
    commands.EndSpace: end,
    commands.CancelSpace: cancel,
}
