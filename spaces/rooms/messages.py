"""What the server says over the room's socket.

`config.dev.wire` writes the page's types and the table in PROTOCOL.md from these classes; there a
docstring becomes the column "who gets it".
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from accounts.realtime.wire import ServerMessage
from media_relay.protocol.relay import PathQuality, SlotMids
from spaces.rooms import shapes
from spaces.rooms.errors import ErrorCode
from spaces.rooms.state import EndReason

ReactionItem = tuple[int | None, str, int]
# The relay pauses pictures on their way to a viewer, never those that a speaker sends.
SendingQuality = Annotated[
    PathQuality, Meta(extra_json_schema={"enum": [PathQuality.GOOD, PathQuality.POOR]})
]


class RoomMessage(ServerMessage, frozen=True):
    """Base of all. `rev` is there where the message changes what the snapshot shows."""


class Answer(RoomMessage, frozen=True, kw_only=True):
    """`ref` is that of the message which it answers."""

    ref: str | UnsetType = UNSET


# --- answers --------------------------------------------------------------------------------------


class SnapshotMessage(Answer, frozen=True, tag="space.snapshot"):
    """First message on every socket; answer to `snapshot.get`; without `ref` also when a change was
    lost on its way. `requests` is empty unless host or co-host. `now_ms` is the server's clock.
    `recording_trouble` is the reason of `recording.failed` while that holds, else "".
    """

    now_ms: int
    rev: int
    space: shapes.SpaceView
    me: shapes.MeView
    stage: tuple[shapes.SeatView, ...]
    requests: tuple[shapes.SpeakRequestView, ...]
    listeners: shapes.ListenersView
    assigned: shapes.AssignedView
    pins: tuple[shapes.PinView, ...]
    captions: shapes.CaptionsView
    recording_trouble: str


class OkMessage(Answer, frozen=True, tag="ok"):
    """The one who asked. `state` is what became of `speak.request`."""

    state: Literal["requested", "seated"] | UnsetType = UNSET


class ErrorMessage(Answer, frozen=True, tag="error"):
    """The one socket. Decide by `code`; `message` is a sentence in the language of the viewer."""

    code: ErrorCode
    message: str


class PongMessage(Answer, frozen=True, tag="pong"):
    """The one who pings: newest `rev`, messages `sent` to it before this, the clock `now_ms`."""

    n: int
    rev: int
    now_ms: int
    sent: int


class PeopleMessage(Answer, frozen=True, tag="people"):
    """The one who asked. `next` null: that was the last page."""

    people: tuple[shapes.ListedPersonView, ...]
    next: int | None


class BansMessage(Answer, frozen=True, tag="bans"):
    """The one who asked: who was removed, the newest 200."""

    people: tuple[shapes.BannedPersonView, ...]


class LeftMessage(Answer, frozen=True, tag="left"):
    """The one who asked: who came last and is gone, to be removed all the same."""

    people: tuple[shapes.LeftPersonView, ...]


class MediaOfferMessage(Answer, frozen=True, tag="media.offer"):
    """The one who asked. `ice_servers` are TURN, mostly none."""

    peer: str
    sdp: str
    slots: SlotMids
    ice_servers: tuple[shapes.IceServerView, ...]
    assigned: shapes.AssignedView


# --- the room -------------------------------------------------------------------------------------


# Without it a change that a viewer may not see would look like a lost message, and the page would
# ask for a snapshot.
class RevMessage(RoomMessage, frozen=True, tag="rev"):
    """Those who may not see the change."""

    rev: int


class SpaceChangedMessage(RoomMessage, frozen=True, tag="space.changed"):
    """All, when anything of `space` changes that the events below do not carry."""

    rev: int
    space: shapes.SpaceView


class SpaceEndedMessage(RoomMessage, frozen=True, tag="space.ended"):
    """All, then close 4410. Moderators stay unnamed."""

    rev: int
    by: shapes.PersonView | None
    reason: EndReason | None
    listened: int
    spoke: int


class HostChangedMessage(RoomMessage, frozen=True, tag="host.changed"):
    """All. Also when staff took the host off the stage: then `stage` has no seat `host`."""

    rev: int
    host: shapes.PersonView
    acting_host: int | None


class HostLostMessage(RoomMessage, frozen=True, tag="host.lost"):
    """All. `until` null: the host is back."""

    rev: int
    until: datetime | None


class SeatChangedMessage(RoomMessage, frozen=True, tag="seat.changed"):
    """All: a new seat or a changed one, found by `seat.user.id`."""

    rev: int
    seat: shapes.SeatView


class SeatRemovedMessage(RoomMessage, frozen=True, tag="seat.removed"):
    """All."""

    rev: int
    user: int


class PinAddedMessage(RoomMessage, frozen=True, tag="pin.added"):
    """All who may see the post."""

    rev: int
    pin: shapes.PinView


class PinRemovedMessage(RoomMessage, frozen=True, tag="pin.removed"):
    """All. `pin` is its id."""

    rev: int
    pin: int


class PinsChangedMessage(RoomMessage, frozen=True, tag="pins.changed"):
    """All, each with the pins they may see: one was edited, or can no more or again be seen."""

    rev: int
    pins: tuple[shapes.PinView, ...]


class PersonChangedMessage(RoomMessage, frozen=True, tag="person.changed"):
    """All who may know of them: another name, handle, picture, or staff or no more."""

    rev: int
    person: shapes.PersonView


class RequestAddedMessage(RoomMessage, frozen=True, tag="request.added"):
    """Host, co-hosts."""

    rev: int
    request: shapes.SpeakRequestView


class RequestRemovedMessage(RoomMessage, frozen=True, tag="request.removed"):
    """Host, co-hosts. The places of those behind it move up by one."""

    rev: int
    user: int


class RequestsChangedMessage(RoomMessage, frozen=True, tag="requests.changed"):
    """A participant who has become host or co-host (the whole queue) or is it no more (none); all
    who lead when the host changes.
    """

    rev: int
    requests: tuple[shapes.SpeakRequestView, ...]


class ListenersChangedMessage(RoomMessage, frozen=True, tag="listeners.changed"):
    """All, ≤ 1 per s, above 100 listeners every 3 s, above 1 000 every 5 s. `sample` left out: the
    same faces as before.
    """

    count: int
    sample: tuple[shapes.PersonView, ...] | UnsetType = UNSET


class ReactionsMessage(RoomMessage, frozen=True, tag="reactions"):
    """All, batched: who, emoji, how often. At most 50 named people in a message, null counts the
    others.
    """

    items: tuple[ReactionItem, ...]


# --- one viewer -----------------------------------------------------------------------------------


class MeChangedMessage(RoomMessage, frozen=True, tag="me.changed"):
    """The one person."""

    rev: int
    me: shapes.MeView


class InvitationReceivedMessage(RoomMessage, frozen=True, tag="invitation.received"):
    """The one person."""

    role: shapes.StageRole
    by: shapes.PersonView
    expires_at: datetime


class HostOfferedMessage(RoomMessage, frozen=True, tag="host.offered"):
    """The speaker asked to take over."""

    by: shapes.PersonView
    expires_at: datetime


class UnmuteAskedMessage(RoomMessage, frozen=True, tag="unmute.asked"):
    """The one person; as in `me.changed`."""

    by: shapes.PersonView


class ConsentNeededMessage(RoomMessage, frozen=True, tag="consent.needed"):
    """Who is on stage when REC begins, or comes to host while it runs; as in `me.changed`."""

    expires_at: datetime


class RemovedMessage(RoomMessage, frozen=True, tag="removed"):
    """The person removed, blocked or suspended, then close 4403."""


class ReplacedMessage(RoomMessage, frozen=True, tag="replaced"):
    """The older tab, then close 4408."""


# --- media ----------------------------------------------------------------------------------------


class MediaConnectedMessage(RoomMessage, frozen=True, tag="media.connected"):
    """The one socket."""

    peer: str


class MediaClosedMessage(RoomMessage, frozen=True, tag="media.closed"):
    """The one socket. Ask for `media.connect` again (also after `relay_lost`: the media server
    died), unless the reason is `removed`, `replaced` or `ended`.
    """

    peer: str
    reason: str


class MediaHealthMessage(RoomMessage, frozen=True, tag="media.health"):
    """The one socket, at each change: `level` of what arrives here, `sending` of what this person
    sends. A new connection begins with both good.
    """

    level: PathQuality
    sending: SendingQuality


class SpeakerChangedMessage(RoomMessage, frozen=True, tag="speaker.changed"):
    """All. `personal` ones say what this connection's slots carry, and win while it lasts."""

    assigned: shapes.AssignedView
    personal: bool


class CaptionMessage(RoomMessage, frozen=True, tag="caption"):
    """Who shows captions. A line grows until it is `final`, and all of it has one `id`; a final one
    without text takes it back. `start_ms` is wall clock. Of people on stage alone.
    """

    id: str
    participant: int
    name: str
    text: str
    final: bool
    start_ms: int


class CaptionsMessage(Answer, frozen=True, tag="captions"):
    """Who sent `captions.set`, with the last lines."""

    available: bool
    status: shapes.CaptionStatus
    reason: str
    lines: tuple[CaptionMessage, ...]


class CaptionsStatusMessage(RoomMessage, frozen=True, tag="captions.status"):
    """All, when it changes. While unavailable nothing is shown as live."""

    available: bool
    status: shapes.CaptionStatus
    reason: str


class RecordingFailedMessage(RoomMessage, frozen=True, tag="recording.failed"):
    """All: nothing is recorded for now. `disk_full`, `disk_error` or `no_egress`."""

    reason: str


class RecordingResumedMessage(RoomMessage, frozen=True, tag="recording.resumed"):
    """All. What `recording.failed` said is over."""
