"""What the web and egress (captions, recording; `media_relay/egress`) tell each other over Redis.

All of it may be lost:

    egress:wanted:<space>     string JSON of `Wanted`, written by the web at every change and
                              refreshed by its sweep, expires after 120 s
    egress:spaces             set of the Spaces with a `Wanted`; the web adds to it, egress takes
                              out what has expired
    egress:changed            pub/sub channel: the id of a Space whose `Wanted` was written or
                              deleted
    egress:notes:<space>      pub/sub channel: JSON objects (pins …, at most 4 KiB), kept in the log
                              of a recording
    captions:<space>          pub/sub channel, egress -> web: JSON of an `EgressMessage`
    egress:nodes              zset   egress id -> wall-clock second of its last heartbeat
"""

from typing import Annotated, ClassVar, Literal

import msgspec

from media_relay.protocol.encoding import decode

# Keys and channels as above.
EGRESS_NODES_KEY = "egress:nodes"
EGRESS_SPACES_KEY = "egress:spaces"
EGRESS_CHANGED = "egress:changed"
MAX_NOTE_BYTES = 4096  # Of one note; a longer one is not kept.

# It names a folder, so nothing in it may lead elsewhere.
RecordingId = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]


def wanted_key(space: str) -> str:
    return f"egress:wanted:{space}"


def notes_channel(space: str) -> str:
    return f"egress:notes:{space}"


def captions_channel(space: str) -> str:
    return f"captions:{space}"


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the web wants of egress in one Space: the whole of it, never a change.

    `recording` names the folder `DATA_DIR/recordings/<recording>`; None stops. It comes with
    `consented`, the user ids whose sound and picture may go into the log; those of other users are
    left out. A stopped recording may go on later under the same id, as another segment.
    """

    LEASE_S: ClassVar[int] = 120  # An egress that hears nothing for so long stops.

    space: str
    captions: bool = False
    language: str = "en"  # Of the captions.
    recording: RecordingId | None = None
    consented: tuple[str, ...] = ()


# Messages of egress have a tag, `Wanted` has none: former releases refuse what they do not know.
class Caption(msgspec.Struct, frozen=True, tag="caption"):
    """One line of a participant's words.

    Partial lines and the final one that ends them share an `id`. `participant` is a user id,
    `start_ms` the wall-clock millisecond of the first word. A final line without text takes the
    partial ones back: it was no speech. The final one is said once more 5 s later.
    """

    participant: str
    id: str
    text: str
    final: bool
    start_ms: int


class CaptionStatus(msgspec.Struct, frozen=True, tag="caption_status"):
    """Whether there are captions; sent at changes and every 2 s.

    `behind` means that words were dropped to stay live. `unavailable` has a reason: `starting`,
    `no_engine` (none is installed) or `language` (none covers it).
    """

    status: Literal["ok", "behind", "unavailable"]
    reason: str = ""


class RecordingStatus(msgspec.Struct, frozen=True, tag="recording_status"):
    """How a recording fares; sent when it changes, and every second while it is wanted.

    `stopped`: all is on disk, render it now; the web does so anyway 15 s after a stop that was not
    confirmed. `failed` has a reason: `disk_full` or `disk_error`; egress tries again by itself, and
    `recording` follows once the disk takes it.
    """

    recording: str
    state: Literal["recording", "stopped", "failed"]
    reason: str = ""
    duration_ms: int = 0
    size_bytes: int = 0


EgressMessage = Caption | CaptionStatus | RecordingStatus

_WANTED = msgspec.json.Decoder(Wanted)
_MESSAGE: msgspec.json.Decoder[EgressMessage] = msgspec.json.Decoder(EgressMessage)


def parse_wanted(text: str | bytes) -> Wanted:
    """Return what is wanted. Raises ProtocolError."""
    return decode(_WANTED, text)


def parse_message(text: str | bytes) -> EgressMessage:
    """Return a message of the captions channel. Raises ProtocolError."""
    return decode(_MESSAGE, text)
