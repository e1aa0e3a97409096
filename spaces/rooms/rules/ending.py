"""The end of a room, whether host, staff or the clock brings it."""

from dataclasses import replace

from spaces.rooms.rules.context import RuleContext
from spaces.rooms.state import EndReason, Phase, Room


def finish(context: RuleContext, room: Room, reason: EndReason) -> Room:
    """Close the stage. A room that was never live counts as cancelled.

    Counts of listeners are filled in by `service`, which alone knows who came.
    """
    phase = Phase.ENDED if room.phase is Phase.LIVE else Phase.CANCELLED
    return replace(
        room,
        phase=phase,
        end_reason=reason,
        ended_at=context.now,
        ended_by=context.actor.id,
        acting_host=None,
        host_lost_until=None,
        spotlight=None,
        recording=False,
        seats=(),
        requests=(),
        invitations=(),
    )
