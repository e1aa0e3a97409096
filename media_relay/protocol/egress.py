"""What the web and the egress (captions, recording; `media_relay/egress`) say to each other over
Redis.

All of it may be lost:

    egress:wanted:<space>     string JSON of `Wanted`, written by the web at every change and refreshed by its sweep,
                              expires after 120 s
    egress:spaces             set of the Spaces with a `Wanted`; the web adds to it, egress takes out what has expired
    egress:changed            pub/sub channel: the id of a Space whose `Wanted` was written or deleted
    egress:notes:<space>      pub/sub channel: JSON objects (pins …, at most 4 KiB), kept in the log of a recording
    captions:<space>          pub/sub channel, egress -> web: JSON of `Caption`, `CaptionStatus`, `RecordingStatus`
    egress:nodes              zset   egress id -> wall-clock second of its last heartbeat
"""

import json
import re
from dataclasses import asdict, dataclass
from typing import ClassVar

from media_relay.errors import ProtocolError

EGRESS_NODES_KEY = "egress:nodes"
EGRESS_SPACES_KEY = "egress:spaces"
EGRESS_CHANGED = "egress:changed"
MAX_NOTE_BYTES = 4096
RECORDING_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # It names a folder.


def wanted_key(space: str) -> str:
    return f"egress:wanted:{space}"


def notes_channel(space: str) -> str:
    return f"egress:notes:{space}"


def captions_channel(space: str) -> str:
    return f"captions:{space}"


@dataclass(frozen=True)
class Wanted:
    """What the web wants of egress in one Space: the whole of it, never a change.

    `recording` names the folder `DATA_DIR/recordings/<recording>`; None stops. It comes with
    `consented`, the user ids whose sound and picture may go into the log; those of anybody else are
    left out. A stopped recording may go on later under the same id, as another segment.
    """

    LEASE_S: ClassVar[int] = 120

    space: str
    captions: bool = False
    language: str = "en"
    recording: str | None = None
    consented: tuple[str, ...] = ()

    def encode(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def wanted_from(text: str | bytes) -> Wanted:
    """Return what `Wanted.encode` wrote. Raises ProtocolError for anything else."""
    try:
        values = json.loads(text)
        wanted = Wanted(**{**values, "consented": tuple(map(str, values.get("consented", ())))})
        if wanted.recording is not None and not RECORDING_ID.fullmatch(wanted.recording):
            raise ValueError("the recording's id cannot name a folder")
        return wanted
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError("bad_request", f"Unreadable wish: {error}") from error


@dataclass(frozen=True)
class Caption:
    """One line of somebody's words. Partial lines and the final one that ends them share an `id`.

    `participant` is a user id, `start_ms` the wall-clock millisecond of the first word. A final
    line without text takes the partial ones back: it was no speech.
    """

    participant: str
    id: str
    text: str
    final: bool
    start_ms: int


@dataclass(frozen=True)
class CaptionStatus:
    """`ok`, `behind` (words were dropped to stay live) or `unavailable`, with a stable `reason` for
    the last.

    Reasons: `starting`, `no_engine` (none is installed), `language` (none covers it). Sent at
    changes and every 2 s.
    """

    status: str
    reason: str = ""


@dataclass(frozen=True)
class RecordingStatus:
    """`recording`, `stopped` (all is on disk: render it now) or `failed` with the `reason`
    `disk_full` or `disk_error`.

    Sent when it changes, and every 2 s while recording. Render 15 s after a stop that nobody
    confirmed.
    """

    recording: str
    state: str
    reason: str = ""
    duration_ms: int = 0
    size_bytes: int = 0
