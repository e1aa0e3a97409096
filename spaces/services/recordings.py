"""The row of a recording follows the room, in the room's own transaction; egress is told after the
commit.
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
from spaces.rooms.state import Phase, Pin, Room
from spaces.services import captions

# Egress has everything on the disk by then (media_relay/protocol/relay.py, RecordingStatus).
UNCONFIRMED_S = 15
log = logging.getLogger(__name__)


def follow(space: Space, old: Room, new: Room, now: datetime) -> None:
    """Begin, go on or stop the recording as the room did; with the room's end it is due to be
    rendered.
    """
    if new.recording and not old.recording:
        _begin(space, now)
    if old.recording and not new.recording:
        Recording.objects.filter(space=space).update(stopped_at=now)
    if new.is_over and not old.is_over:
        due_at = now + timedelta(seconds=UNCONFIRMED_S)
        running = Recording.objects.filter(space=space, state=Recording.State.RUNNING)
        running.update(state=Recording.State.WAITING, due_at=due_at)


def _begin(space: Space, now: datetime) -> None:
    recording, is_new = Recording.objects.get_or_create(space=space, defaults={"started_at": now})
    if not is_new:
        recording.stopped_at = None
        recording.save(update_fields=["stopped_at"])


# --- what egress hears ----------------------------------------------------------------------------


def tell(old: Room, new: Room, told: Iterable[events.Event]) -> None:
    """Tell egress of a change of the room. What gets lost is said again by `refresh`."""
    try:
        if new.is_over:
            egress.want_nothing(new.id)
            captions.forget(new.id)
            return
        if _matters(old) != _matters(new):
            say(new)
        if new.recording:
            _note_pins(old, new, told)
    except redis.RedisError as error:
        log.warning("Egress was not told of a change in %s: %s", new.id, error)


def refresh(room: Room) -> None:
    """Say again what is wanted, by the sweep and when somebody begins to read captions."""
    try:
        say(room)
    except redis.RedisError as error:
        log.warning("Egress was not told what is wanted in %s: %s", room.id, error)


def say(room: Room) -> None:
    """Write what is wanted of egress in this room now. Raises RedisError."""
    wanted = wanted_in(room)
    if wanted is None:
        egress.want_nothing(room.id)
        return
    egress.want(wanted)


def wanted_in(room: Room) -> Wanted | None:
    """Return what is wanted, None if nothing is. Raises RedisError."""
    has_captions = captions.are_wanted(room)
    folder = _folder_of(room) if room.recording else None
    if not has_captions and folder is None:
        return None
    return Wanted(
        room.id, has_captions, room.language, folder, tuple(str(user) for user in consented(room))
    )


def _folder_of(room: Room) -> str | None:
    return (
        Recording.objects.filter(space__public_id=room.id).values_list("folder", flat=True).first()
    )


def _matters(room: Room) -> tuple[object, ...]:
    return (room.phase is Phase.LIVE, room.recording, consented(room))


def _note_pins(old: Room, new: Room, told: Iterable[events.Event]) -> None:
    """Write pins into the log: with the first second those that hang already, then each that comes."""
    added = {event.post for event in told if isinstance(event, events.PinAdded)}
    for pin in new.pins:
        if not old.recording or pin.post.id in added:
            egress.note(new.id, _note(pin))


def _note(pin: Pin) -> dict[str, object]:
    return {"type": "pin", "post": pin.post.id}
