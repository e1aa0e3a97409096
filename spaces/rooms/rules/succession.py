"""Who is in charge when the host is gone (RULES §6). Nobody is ever made host by accident."""

from dataclasses import replace

from spaces.rooms.rules import ending
from spaces.rooms.rules.context import RuleContext, with_seat, without_seat
from spaces.rooms.state import EndReason, Phase, Role, Room, Seat


def settle(context: RuleContext, room: Room) -> Room:
    """Return the room with the right one in charge; called after every change.

    Live without its host (lost, or taken off the stage by staff), the longest-serving connected
    co-host stands in; with nobody to stand in the countdown runs. A host who is back on the host's
    seat is in charge again at once.
    """
    if room.phase is not Phase.LIVE or host_is_connected(room):
        return replace(room, acting_host=None, host_lost_until=None)
    acting = _stand_in(room)
    if acting is not None:
        return replace(room, acting_host=acting, host_lost_until=None)
    until = room.host_lost_until or context.after(context.limits.host_lost_s)
    return replace(room, acting_host=None, host_lost_until=until)


def host_is_connected(room: Room) -> bool:
    """True if the host's own seat is connected.

    A host whom staff moved down may come back, but as a speaker.
    """
    seat = room.seat_of(room.host)
    return seat is not None and seat.role is Role.HOST and seat.is_connected


def make_host(context: RuleContext, room: Room, user: int) -> Room:
    """Give the room to somebody on stage; the host before takes a seat beside them, the best one
    free.
    """
    old, new = room.seat_of(room.host), room.seat_of(user)
    if new is None:
        raise ValueError("The next host must be on stage.")
    room = replace(with_seat(room, replace(new, role=Role.HOST, role_since=context.now)), host=user)
    if old is None:
        return room
    role = Role.COHOST if len(room.seats_as(Role.COHOST)) < context.limits.cohosts else Role.SPEAKER
    return with_seat(room, replace(old, role=role, role_since=context.now))


def without_host(context: RuleContext, room: Room) -> Room:
    """Take the host off the stage for good: a connected co-host stands in (`settle`), with none the
    room ends.

    There is no countdown then: it waits for a host who will come back.
    """
    room = without_seat(room, room.host)
    return room if _by_service(room) else ending.finish(context, room, EndReason.MODERATORS)


def _stand_in(room: Room) -> int | None:
    connected = _by_service(room)
    if any(seat.user == room.acting_host for seat in connected):
        return room.acting_host
    return connected[0].user if connected else None


def _by_service(room: Room) -> list[Seat]:
    """Return the connected co-hosts, the longest-serving first."""
    connected = (seat for seat in room.seats_as(Role.COHOST) if seat.is_connected)
    return sorted(connected, key=lambda seat: (seat.role_since, seat.order))
