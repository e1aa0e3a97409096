"""Who is in charge when the host is gone (RULES §6). No participant is made host by accident."""

from dataclasses import replace

from spaces.rooms.rules import ending
from spaces.rooms.rules.context import RuleContext, with_seat, without_seat
from spaces.rooms.state import EndReason, Phase, Role, Room, Seat


def settle(context: RuleContext, room: Room) -> Room:
    """Return the room with the right one in charge; called after every change.

    Live without its host (lost, or taken off the stage by staff), the longest-serving connected
    co-host stands in; without such a co-host the countdown runs. A host who is back on the host's
    seat is in charge again at once.
    """
    if room.phase is not Phase.LIVE or host_is_connected(room):
        return replace(room, acting_host=None, host_lost_until=None)
    connected = _by_service(room)
    if connected:
        # Who stands in already goes on, also when a senior co-host returns: it must not go to and
        # fro with each reconnect.
        goes_on = any(seat.user == room.acting_host for seat in connected)
        acting = room.acting_host if goes_on else connected[0].user
        return replace(room, acting_host=acting, host_lost_until=None)
    # A countdown that runs is not begun anew by the next change.
    until = room.host_lost_until or context.after(context.limits.host_lost_s)
    return replace(room, acting_host=None, host_lost_until=until)


def host_is_connected(room: Room) -> bool:
    """True if the host's own seat is connected."""
    # The role too: a host whom staff moved down may come back on stage, but as a speaker.
    seat = room.seat_of(room.host)
    return seat is not None and seat.role is Role.HOST and seat.is_connected


def make_host(context: RuleContext, room: Room, user: int) -> Room:
    """Give the room to a participant on stage; the host before takes the best seat that is free."""
    old, new = room.seat_of(room.host), room.seat_of(user)
    if new is None:
        raise ValueError("The next host must be on stage.")
    room = replace(with_seat(room, replace(new, role=Role.HOST, role_since=context.now)), host=user)
    if old is None:
        return room
    # The new host has just left a seat of one of the two kinds, so one is free.
    role = Role.COHOST if len(room.seats_as(Role.COHOST)) < context.limits.cohosts else Role.SPEAKER
    return with_seat(room, replace(old, role=role, role_since=context.now))


def without_host(context: RuleContext, room: Room) -> Room:
    """Take the host off the stage for good: a connected co-host stands in (`settle`), with none the
    room ends.
    """
    # No countdown: it would wait for a host who cannot come back.
    room = without_seat(room, room.host)
    return room if _by_service(room) else ending.finish(context, room, EndReason.MODERATORS)


def _by_service(room: Room) -> list[Seat]:
    """Return the connected co-hosts, the longest-serving first."""
    connected = (seat for seat in room.seats_as(Role.COHOST) if seat.is_connected)
    return sorted(connected, key=lambda seat: (seat.role_since, seat.order))
