"""Who may have a media connection now."""

from dataclasses import dataclass

from media_relay.protocol.relay import Policy
from spaces.rooms.commands import Actor
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.relay_policy import policy_of
from spaces.rooms.state import Phase, Room


@dataclass(frozen=True)
class Grant:
    policy: Policy
    stage: bool


def grant_for(room: Room, actor: Actor) -> Grant:
    """Return the grant, bound to the room at this moment.

    Raises RoomError: ended, not_live, not_available.
    """
    if room.is_over:
        raise RoomError(ErrorCode.ENDED)
    stage = room.seat_of(actor.id) is not None
    if room.phase is not Phase.LIVE and not (stage and room.phase is Phase.GREEN):
        raise RoomError(ErrorCode.NOT_LIVE)
    if actor.id is not None and not actor.is_staff and _is_put_out(room, actor.id):
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    return Grant(policy_of(room), stage)


def _is_put_out(room: Room, user: int) -> bool:
    person = room.people.get(user)
    return person is None or not person.is_active or person.blocked_with_host or user in room.bans
