"""The row of a recording follows the room, in the room's own transaction.

Egress is told after the commit.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

import redis

from media_relay.protocol.egress import Wanted
from spaces.models import Recording, Space
from spaces.relay import egress
from spaces.rooms import events
from spaces.rooms.rules.recording import consented
from spaces.rooms.state import Phase, Room
from spaces.services import captions

# Egress has everything on the disk by then (media_relay/protocol/egress.py, RecordingStatus).
UNCONFIRMED_S = 15
log = logging.getLogger(__name__)


def update_row(space: Space, old: Room, new: Room, now: datetime) -> None:
    """Begin, go on or stop the recording as the room did.

    With the room's end it is due to be rendered.
    """
    if new.recording and not old.recording:
        recording, is_new = Recording.objects.get_or_create(
            space=space, defaults={"started_at": now}
        )
        # A recording that goes on writes another segment into the same log.
        if not is_new:
            recording.stopped_at = None
            recording.save(update_fields=["stopped_at"])
    if old.recording and not new.recording:
        Recording.objects.filter(space=space).update(stopped_at=now)
    if new.is_over and not old.is_over:
        due_at = now + timedelta(seconds=UNCONFIRMED_S)
        running = Recording.objects.filter(space=space, state=Recording.State.RUNNING)
        running.update(state=Recording.State.WAITING, due_at=due_at)


# --- what egress hears ----------------------------------------------------------------------------


def publish_change(old: Room, new: Room, told: Iterable[events.Event]) -> None:
    """Tell egress of a change of the room. What gets lost is said again by `refresh`."""
    try:
        if new.is_over:
            egress.withdraw(new.id)
            captions.forget(new.id)
            return
        if _facts_for_egress(old) != _facts_for_egress(new):
            _publish_wanted(new)
        if not new.recording:
            return
        # With the first second of a recording come the pins that hang already, then each new one.
        has_just_begun = not old.recording
        added = {event.post for event in told if isinstance(event, events.PinAdded)}
        for pin in new.pins:
            if has_just_begun or pin.post.id in added:
                egress.write_note(new.id, egress.PinNote(pin.post.id))
    except redis.RedisError as error:
        log.warning("Egress was not told of a change in %s: %s", new.id, error)


def refresh(room: Room) -> None:
    """Say again what is wanted, by the sweep and when a viewer begins to read captions."""
    try:
        _publish_wanted(room)
    except redis.RedisError as error:
        log.warning("Egress was not told what is wanted in %s: %s", room.id, error)


def _publish_wanted(room: Room) -> None:
    """Write what is wanted of egress in this room now. Raises RedisError."""
    has_captions = captions.are_wanted(room)
    folder = None
    if room.recording:
        recordings = Recording.objects.filter(space__public_id=room.id)
        folder = recordings.values_list("folder", flat=True).first()
    if not has_captions and folder is None:
        egress.withdraw(room.id)
        return
    speakers = tuple(str(user) for user in consented(room))
    egress.publish_wanted(Wanted(room.id, has_captions, room.language, folder, speakers))


def _facts_for_egress(room: Room) -> tuple[object, ...]:
    # Egress hears nothing of the rest, so most changes of a room cost it nothing.
    return (room.phase is Phase.LIVE, room.recording, consented(room))
