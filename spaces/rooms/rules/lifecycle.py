"""Coming and going, start and end."""

from dataclasses import replace
from datetime import datetime, timedelta

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Action
from spaces.rooms.rules import ending, recording, stage
from spaces.rooms.rules.step import Rule, Turn, require, silenced, with_seat
from spaces.rooms.state import EndReason, Phase, Presence, Role, Room, Seat


def join(turn: Turn, command: commands.Join) -> Room:
    """Let a socket in, and give somebody who was gone their seat back.

    The microphone stays as it was only for the same page back in time (RULES §6); any other page
    starts muted.
    """
    check_may_enter(turn)
    room, me = turn.room, turn.actor.id
    if me == room.host and room.phase is Phase.SCHEDULED and _may_start_now(turn):
        room = _open_green_room(turn, me)
    seat = room.seat_of(me)
    if seat is not None:
        seat = seat if _is_same_page(turn, command, seat) else silenced(seat)
        room = with_seat(room, replace(_back(seat, turn.now), page=command.page))
    requests = (replace(r, lost_at=None) if r.user == me else r for r in room.requests)
    return replace(room, requests=tuple(requests))


def _is_same_page(turn: Turn, command: commands.Join, seat: Seat) -> bool:
    """True if the page that held the seat is back in time.

    The clock may be late with its verdict, so it is asked.
    """
    if not (seat.is_connected and command.page and command.page == seat.page):
        return False
    heard_at = command.heard_at and max(command.heard_at, seat.seen_at)
    return heard_at is None or (turn.now - heard_at).total_seconds() < turn.limits.gone_after_s


def check_may_enter(turn: Turn) -> None:
    """Raise RoomError not_available, ended, log_in or not_live for somebody who has no business in
    this room.
    """
    room, me = turn.room, turn.actor.id
    if room.is_over:
        raise RoomError(ErrorCode.ENDED)
    if me is None:
        return _check_visitor(room)
    person = room.people.get(me)
    if person is None or not person.is_active:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    if turn.actor.is_staff or room.seat_of(me) or (me == room.host and me not in room.bans):
        return
    if room.phase is Phase.GREEN and room.scheduled_for is None:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    if me in room.bans or person.blocked_with_host or (room.locked and not person.came_before):
        raise RoomError(ErrorCode.NOT_AVAILABLE)


def _check_visitor(room: Room) -> None:
    if room.locked or (room.phase is Phase.GREEN and room.scheduled_for is None):
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    if not room.visitors_allowed:
        raise RoomError(ErrorCode.LOG_IN)


def leave_room(turn: Turn, command: commands.LeaveRoom) -> Room:
    """Leave on purpose: nothing is held. The host of a live room hands over or ends it first."""
    room, me = turn.room, turn.actor.id
    seat = room.seat_of(me)
    if seat is None:
        requests = tuple(r for r in room.requests if r.user != me)
        invitations = tuple(i for i in room.invitations if i.user != me)
        return replace(room, requests=requests, invitations=invitations)
    if seat.role is not Role.HOST:
        return stage.leave_seat(turn, commands.LeaveSeat())
    if room.phase is Phase.LIVE:
        raise RoomError(ErrorCode.HAND_OVER_FIRST)
    return replace(_closed_green_room(room), seats=()) if room.scheduled_for else room


def start(turn: Turn, command: commands.StartSpace) -> Room:
    """Go live, recorded where the host chose that, which is the host's consent.

    The host's seat is made if they start without having been in the green room (REST).
    """
    room = turn.room
    if turn.actor.id != room.host:
        raise RoomError(ErrorCode.NOT_ALLOWED if turn.actor.id is not None else ErrorCode.LOG_IN)
    if room.phase is Phase.LIVE:
        raise RoomError(ErrorCode.ALREADY_STARTED)
    if not _may_start_now(turn):
        raise RoomError(ErrorCode.TOO_EARLY)
    host = room.people[room.host]
    if host.is_protected:
        raise RoomError(ErrorCode.PROTECTED_ACCOUNT)
    if host.hosts_elsewhere:
        raise RoomError(ErrorCode.ALREADY_LIVE)
    room = room if room.seat_of(room.host) else _open_green_room(turn, room.host)
    room = replace(room, phase=Phase.LIVE, started_at=turn.now)
    return recording.begin(turn, room) if room.recording_wanted else room


def end(turn: Turn, command: commands.EndSpace) -> Room:
    require(turn, Action.END)
    if turn.room.phase is not Phase.LIVE:
        raise RoomError(ErrorCode.NOT_LIVE)
    seat = turn.room.seat_of(turn.actor.id)
    in_charge = seat is not None and (seat.role is Role.HOST or turn.room.acting_host == seat.user)
    return ending.finish(turn, turn.room, EndReason.HOST if in_charge else EndReason.MODERATORS)


def cancel(turn: Turn, command: commands.CancelSpace) -> Room:
    if turn.actor.id != turn.room.host and not turn.actor.is_staff:
        raise RoomError(ErrorCode.NOT_ALLOWED if turn.actor.id is not None else ErrorCode.LOG_IN)
    if turn.room.phase is Phase.LIVE:
        raise RoomError(ErrorCode.ALREADY_STARTED)
    by_host = turn.actor.id == turn.room.host
    return ending.finish(turn, turn.room, EndReason.CANCELLED if by_host else EndReason.MODERATORS)


def _may_start_now(turn: Turn) -> bool:
    early = timedelta(seconds=turn.limits.early_start_s)
    return turn.room.scheduled_for is None or turn.now >= turn.room.scheduled_for - early


def _open_green_room(turn: Turn, host: int) -> Room:
    seat = Seat(user=host, role=Role.HOST, order=0, role_since=turn.now, seen_at=turn.now)
    return replace(turn.room, phase=Phase.GREEN, seats=(seat,))


def _closed_green_room(room: Room) -> Room:
    return replace(room, phase=Phase.SCHEDULED)


def _back(seat: Seat, now: datetime) -> Seat:
    return replace(seat, presence=Presence.HERE, lost_at=None, seen_at=now)


RULES: dict[type[commands.Command], Rule] = {
    commands.Join: join,
    commands.LeaveRoom: leave_room,
    commands.StartSpace: start,
    commands.EndSpace: end,
    commands.CancelSpace: cancel,
}
