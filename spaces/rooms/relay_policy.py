"""The room as the relay needs to know it: who may send what."""

from msgspec.structs import replace

from media_relay.protocol.relay import Policy, Sources
from spaces.rooms.state import Phase, Room, Seat


def policy_of(room: Room) -> Policy:
    """Return the whole policy at this `rev`.

    Everybody on stage is a publisher, also while they may send nothing.
    """
    on_air = room.phase in (Phase.GREEN, Phase.LIVE)
    publishers = {str(seat.user): _sources(room, seat) for seat in room.seats if on_air}
    return Policy(
        room.id, room.rev, publishers, None if room.spotlight is None else str(room.spotlight)
    )


def _sources(room: Room, seat: Seat) -> Sources:
    if not seat.is_connected:
        return Sources()
    return Sources(seat.microphone, seat.camera and room.video, seat.screen and room.video)


def differs(old: Room, new: Room) -> bool:
    """True if the relays must hear of the change now and not with the next refresh."""
    return policy_of(old) != replace(policy_of(new), rev=old.rev) or old.phase != new.phase
