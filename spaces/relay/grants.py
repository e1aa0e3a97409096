"""Who may have a media connection now."""

from dataclasses import dataclass

from media_relay.protocol.relay import Policy
from spaces.rooms.actor import Actor
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.relay_policy import policy_of
from spaces.rooms.state import Phase, Room


@dataclass(frozen=True)
class MediaGrant:
    """What one socket may open. `stage`: a connection that may send, at the Space's home relay."""

    policy: Policy
    stage: bool


def grant_for(room: Room, actor: Actor) -> MediaGrant:
    """Return the grant, bound to the room at this moment.

    Raises RoomError: ended, not_live, not_available.
    """
    if room.is_over:
        raise RoomError(ErrorCode.ENDED)
    has_seat = room.seat_of(actor.id) is not None
    is_open = room.phase is Phase.LIVE or (has_seat and room.phase is Phase.GREEN)
    if not is_open:
        raise RoomError(ErrorCode.NOT_LIVE)
    if actor.id is not None and not actor.as_of(room).is_staff:
        person = room.people.get(actor.id)
        # The socket was let in before the removal, the block or the suspension.
        if person is None or person.is_away or person.blocked_with_host:
            raise RoomError(ErrorCode.NOT_AVAILABLE)
        if actor.id in room.bans:
            raise RoomError(ErrorCode.NOT_AVAILABLE)
    return MediaGrant(policy_of(room), stage=has_seat)
