"""The room as the relay needs to know it: who may send what."""

from msgspec.structs import replace

from media_relay.protocol.relay import Policy, Sources
from spaces.rooms.state import Phase, Room


def policy_of(room: Room) -> Policy:
    """Return the whole policy at this `rev`.

    All on stage are publishers, also while they may send nothing.
    """
    publishers: dict[str, Sources] = {}
    for seat in room.seats if room.phase in (Phase.GREEN, Phase.LIVE) else ():
        may_show = seat.is_connected and room.video
        # A lost seat sends nothing: its media connection may outlive its socket.
        publishers[str(seat.user)] = Sources(
            seat.is_connected and seat.microphone,
            may_show and seat.camera,
            may_show and seat.screen,
        )
    return Policy(
        room.id, room.rev, publishers, None if room.spotlight is None else str(room.spotlight)
    )


def differs(old: Room, new: Room) -> bool:
    """True if the relays must hear of the change now and not with the next refresh."""
    # A request or a pin raises `rev` and changes nothing for them.
    return policy_of(old) != replace(policy_of(new), rev=old.rev) or old.phase != new.phase
