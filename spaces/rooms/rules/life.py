"""Coming and going, start and end, and what the clock does to a room."""

from dataclasses import replace
from datetime import datetime, timedelta

from spaces.rooms import commands
from spaces.rooms.errors import RoomError
from spaces.rooms.permissions import Action
from spaces.rooms.rules import ending, stage
from spaces.rooms.rules.turn import Rule, Turn, require, silenced, with_seat
from spaces.rooms.state import EndReason, Phase, Presence, Role, Room, Seat


def join(turn: Turn, command: commands.Join) -> Room:
    """Let a socket in, and give somebody who was gone their seat back.

    The microphone stays as it was only for the same page back in time (RULES §6); any other page starts muted.
    """
    check_may_enter(turn)
    room, me = turn.room, turn.actor.id
    if me == room.host and room.phase is Phase.SCHEDULED and _may_start_now(turn):
        room = _open_green_room(turn, me)
    seat = room.seat_of(me)
    if seat is not None:
        same_page = seat.is_connected and bool(command.page) and command.page == seat.page
        seat = seat if same_page else silenced(seat)
        room = with_seat(room, replace(_back(seat, turn.now), page=command.page))
    requests = (replace(r, lost_at=None) if r.user == me else r for r in room.requests)
    return replace(room, requests=tuple(requests))


def check_may_enter(turn: Turn) -> None:
    """Raise RoomError not_available, ended, log_in or not_live for somebody who has no business in this room."""
    room, me = turn.room, turn.actor.id
    if room.is_over:
        raise RoomError("ended")
    if me is None:
        return _check_visitor(room)
    person = room.people.get(me)
    if person is None or not person.is_active:
        raise RoomError("not_available")
    if turn.actor.is_staff or room.seat_of(me) or me == room.host:
        return
    if room.phase is Phase.GREEN and room.scheduled_for is None:
        raise RoomError("not_available")
    if me in room.bans or person.blocked_with_host or (room.locked and not person.came_before):
        raise RoomError("not_available")


def _check_visitor(room: Room) -> None:
    if room.locked or (room.phase is Phase.GREEN and room.scheduled_for is None):
        raise RoomError("not_available")
    if not room.visitors_allowed:
        raise RoomError("log_in")


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
        raise RoomError("hand_over_first")
    return replace(_closed_green_room(room), seats=()) if room.scheduled_for else room


def start(turn: Turn, command: commands.StartSpace) -> Room:
    """Go live. The host's seat is made if they start without having been in the green room (REST)."""
    room = turn.room
    if turn.actor.id != room.host:
        raise RoomError("not_allowed" if turn.actor.id is not None else "log_in")
    if room.phase is Phase.LIVE:
        raise RoomError("already_started")
    if not _may_start_now(turn):
        raise RoomError("too_early")
    host = room.people[room.host]
    if host.is_protected:
        raise RoomError("protected_account")
    if host.hosts_elsewhere:
        raise RoomError("already_live")
    room = room if room.seat_of(room.host) else _open_green_room(turn, room.host)
    return replace(room, phase=Phase.LIVE, started_at=turn.now)


def end(turn: Turn, command: commands.EndSpace) -> Room:
    require(turn, Action.END)
    if turn.room.phase is not Phase.LIVE:
        raise RoomError("not_live")
    seat = turn.room.seat_of(turn.actor.id)
    in_charge = seat is not None and (seat.role is Role.HOST or turn.room.acting_host == seat.user)
    return ending.finish(turn, turn.room, EndReason.HOST if in_charge else EndReason.MODERATORS)


def cancel(turn: Turn, command: commands.CancelSpace) -> Room:
    if turn.actor.id != turn.room.host and not turn.actor.is_staff:
        raise RoomError("not_allowed" if turn.actor.id is not None else "log_in")
    if turn.room.phase is Phase.LIVE:
        raise RoomError("already_started")
    by_host = turn.actor.id == turn.room.host
    return ending.finish(turn, turn.room, EndReason.CANCELLED if by_host else EndReason.MODERATORS)


def tick(turn: Turn, command: commands.Tick) -> Room:
    """Do everything that is due now. Doing it twice changes nothing."""
    room = turn.room
    reason = _over_since(turn)
    if reason:
        return ending.finish(turn, room, reason)
    seats = (_looked_at(turn, command, seat) for seat in room.seats)
    room = replace(room, seats=tuple(seat for seat in seats if not _seat_is_free(turn, seat)))
    if room.spotlight is not None and not room.seat_of(room.spotlight):
        room = replace(room, spotlight=None)
    requests = (replace(r, lost_at=_lost_at(turn, command, r.user, r.lost_at, r.requested_at)) for r in room.requests)
    held = timedelta(seconds=turn.limits.request_held_s)
    requests_left = tuple(r for r in requests if not (r.lost_at and turn.now >= r.lost_at + held))
    invitations = tuple(i for i in room.invitations if turn.now < i.expires_at)
    return replace(room, requests=requests_left, invitations=invitations)


def _over_since(turn: Turn) -> EndReason | None:
    """Return why the room is over by the clock, or None."""
    room, limits = turn.room, turn.limits
    if room.phase is Phase.LIVE:
        if room.host_lost_until and turn.now >= room.host_lost_until:
            return EndReason.HOST_LOST
        if room.started_at and turn.now >= room.started_at + timedelta(seconds=limits.longest_space_s):
            return EndReason.TOO_LONG
        return None
    wait = timedelta(seconds=limits.auto_cancel_s)
    host = room.seat_of(room.host)
    if room.scheduled_for:
        return EndReason.CANCELLED if turn.now >= room.scheduled_for + wait else None
    left = host.lost_at if host else room.created_at
    return EndReason.CANCELLED if left and turn.now >= left + wait else None


def _looked_at(turn: Turn, command: commands.Tick, seat: Seat) -> Seat:
    heard = max(command.seen.get(seat.user, seat.seen_at), seat.seen_at, command.heard_since)
    age = (turn.now - heard).total_seconds()
    if age >= turn.limits.gone_after_s:
        if not seat.is_connected:
            return seat
        return replace(silenced(seat), presence=Presence.LOST, lost_at=turn.now)
    if not seat.is_connected and command.seen.get(seat.user, seat.seen_at) < heard:
        return seat  # Only our own restart speaks for them; back is who is heard.
    presence = Presence.WEAK if age >= turn.limits.weak_after_s else Presence.HERE
    return replace(seat, presence=presence, lost_at=None)


def _seat_is_free(turn: Turn, seat: Seat) -> bool:
    """True once a lost seat was held for its time. The host's is held as long as the room lives."""
    held = timedelta(seconds=turn.limits.seat_held_s)
    return seat.role is not Role.HOST and seat.lost_at is not None and turn.now >= seat.lost_at + held


def _lost_at(
    turn: Turn, command: commands.Tick, user: int, lost_at: datetime | None, since: datetime
) -> datetime | None:
    """Return since when somebody in line is gone, None while they are here."""
    heard = max(command.seen.get(user, since), since, command.heard_since)
    if (turn.now - heard).total_seconds() < turn.limits.gone_after_s:
        return None
    return lost_at or turn.now


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
    commands.Tick: tick,
}
