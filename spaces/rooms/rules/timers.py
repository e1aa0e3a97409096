"""What the clock does to a room: who is weak or gone, what has run out, and the end that no user
asked for.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from spaces.rooms import commands
from spaces.rooms.rules import ending, recording
from spaces.rooms.rules.context import Rule, RuleContext, silenced
from spaces.rooms.state import EndReason, Phase, Presence, Role, Room, Seat


def tick(context: RuleContext, command: commands.Tick) -> Room:
    """Do everything that is due now. Doing it twice changes nothing."""
    room = context.room
    reason = _end_reason(context, command)
    if reason:
        return ending.finish(context, room, reason)
    seats = [_looked_at(context, command, seat) for seat in room.seats]
    held = timedelta(seconds=context.limits.seat_held_s)
    # The host's seat is held as long as the room lives: a returning host is host again at once.
    kept = tuple(
        seat
        for seat in seats
        if seat.role is Role.HOST
        or seat.lost_at is None
        or not _is_due(context, command, seat.lost_at + held)
    )
    room = replace(room, seats=kept)
    # Else viewers would look at an empty place instead of the active speaker.
    if room.spotlight is not None and not room.seat_of(room.spotlight):
        room = replace(room, spotlight=None)
    requests = (
        replace(r, lost_at=_lost_at(context, command, r.user, r.lost_at, r.requested_at))
        for r in room.requests
    )
    place_held = timedelta(seconds=context.limits.request_held_s)
    requests_left = tuple(
        r for r in requests if not (r.lost_at and _is_due(context, command, r.lost_at + place_held))
    )
    # Not `_is_due`: an invitation waits for an answer, and not for the return of a participant.
    invitations = tuple(i for i in room.invitations if context.now < i.expires_at)
    room = replace(room, requests=requests_left, invitations=invitations)
    return recording.without_answer(room, lambda deadline: _is_due(context, command, deadline))


def _is_due(context: RuleContext, command: commands.Tick, deadline: datetime) -> bool:
    """True once a wait for a participant's return is over."""
    # After an outage of ours they first have time to come back (config/decisions/0022).
    grace = timedelta(seconds=context.limits.gone_after_s)
    return context.now >= deadline and context.now >= command.heard_since + grace


def _end_reason(context: RuleContext, command: commands.Tick) -> EndReason | None:
    """Return why the room is over by the clock, or None."""
    room, limits = context.room, context.limits
    if room.phase is Phase.LIVE:
        if room.host_lost_until and _is_due(context, command, room.host_lost_until):
            return EndReason.HOST_LOST
        if room.started_at and context.now >= room.started_at + timedelta(
            seconds=limits.longest_space_s
        ):
            return EndReason.TOO_LONG
        return None
    wait = timedelta(seconds=limits.auto_cancel_s)
    host = room.seat_of(room.host)
    if room.scheduled_for:
        return EndReason.CANCELLED if context.now >= room.scheduled_for + wait else None
    # No time was chosen: counted from when the host left the green room, or never came to it.
    left = host.lost_at if host else room.created_at
    return EndReason.CANCELLED if left and context.now >= left + wait else None


def _looked_at(context: RuleContext, command: commands.Tick, seat: Seat) -> Seat:
    # While no web process hears pings no participant is absent (RULES §6), so absence is counted
    # from when pings have been heard without a break.
    heard = max(command.seen.get(seat.user, seat.seen_at), seat.seen_at, command.heard_since)
    age = (context.now - heard).total_seconds()
    if age >= context.limits.gone_after_s:
        if not seat.is_connected:
            return seat
        # Silenced: who comes back later than this comes back muted (RULES §6).
        return replace(silenced(seat), presence=Presence.LOST, lost_at=context.now)
    if not seat.is_connected and command.seen.get(seat.user, seat.seen_at) < heard:
        return seat  # Only our own restart speaks for them; a participant is back when heard.
    presence = Presence.WEAK if age >= context.limits.weak_after_s else Presence.HERE
    return replace(seat, presence=presence, lost_at=None)


def _lost_at(
    context: RuleContext,
    command: commands.Tick,
    user: int,
    lost_at: datetime | None,
    since: datetime,
) -> datetime | None:
    """Return since when a user in the queue is gone, None while they are here."""
    heard = max(command.seen.get(user, since), since, command.heard_since)
    if (context.now - heard).total_seconds() < context.limits.gone_after_s:
        return None
    return lost_at or context.now  # The first look that missed them, not the newest.


RULES: dict[type[commands.RoomCommand], Rule] = {commands.Tick: tick}
