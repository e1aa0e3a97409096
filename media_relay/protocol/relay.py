"""What the web and a relay say to each other over Redis.

Requests (web -> relay) go into the relay's own stream, `requests_key(relay_id)`, so they arrive in
order and none is lost while the relay lives. Each entry has one field, `json`. A `RelayMessage`
(relay -> web) goes out by the Channels layer: to the `reply_to` channel of the socket that asked,
or to the group of the Space. Its `type` is the name of the consumer's handler.

Keys in Redis, all of which may be lost:

    relay:nodes               zset   relay id -> wall-clock second of its last heartbeat
                              (every 2 s, dead after 6 s)
    relay:node:<relay>        string JSON of `Node`, expires after 6 s
    relay:requests:<relay>    stream of requests
    relay:home:<space>        string relay id: where the stage of the Space connects
    relay:gone:<relay>        string, set for a minute by a supervisor that saw the relay end
    relay:policy:<space>      string JSON of `Policy`, expires after 120 s
    relay:slots:<space>       pub/sub channel of slot packets, for other relays and for egress
                              (media_relay/redis/cascade.py)
    relay:feedback:<space>    pub/sub channel back to the home relay: key frames wanted
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, cast

import msgspec

from media_relay.errors import Code
from media_relay.protocol.encoding import decode

NODES_KEY = "relay:nodes"
HEARTBEAT_S = 2
NODE_DEAD_S = 6  # Two heartbeats may be lost before the web believes in a death.
# How long the former connection of somebody may go on beside the one that has just connected: the
# page learns later than the relay that this stands, and closes the former one then.
HANDOVER_S = 5.0
# Longer than the longest Space; what is noted of a room outlives it and goes by itself.
ROOM_TTL_S = 24 * 3600
# Entries kept in a relay's stream; a relay that is so far behind is as good as dead.
REQUESTS_MAXLEN = 10_000
MAX_SDP_BYTES = 32 * 1024  # DESIGN §4.7.
AUDIO_SLOTS = 3  # The three loudest are heard (DESIGN §4.4).


def gone_key(relay: str) -> str:
    return f"relay:gone:{relay}"


def node_key(relay: str) -> str:
    return f"relay:node:{relay}"


def requests_key(relay: str) -> str:
    return f"relay:requests:{relay}"


def home_key(space: str) -> str:
    return f"relay:home:{space}"


def policy_key(space: str) -> str:
    return f"relay:policy:{space}"


def slots_channel(space: str) -> str:
    return f"relay:slots:{space}"


def feedback_channel(space: str) -> str:
    return f"relay:feedback:{space}"


def group_name(space: str) -> str:
    """Return the channel-layer group that every socket of a Space is in."""
    return f"space.{space}"


class Sources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one participant may send right now. A packet of any other kind is dropped."""

    microphone: bool = False
    camera: bool = False
    screen: bool = False


class Policy(msgspec.Struct, frozen=True):
    """Who may send what in a Space: the whole truth at `rev`, never a change to an earlier one.

    `publishers` maps user id to what is forwarded now (a muted microphone is `microphone=False`).
    `spotlight` is the user whose camera all see whichever speaker is active, or null. A relay
    ignores a policy whose `rev` is lower than the one it has; an equal one renews its lease of
    120 s, and when that runs out no participant may send any more.
    """

    LEASE_S: ClassVar[int] = 120  # Twelve times as long as the web takes to refresh it.

    space: str
    rev: int
    publishers: Mapping[str, Sources] = msgspec.field(default_factory=dict)
    spotlight: str | None = None


class Node(msgspec.Struct, frozen=True):
    """A relay as the web sees it when it places a listener."""

    relay: str
    address: str  # The first of those that it announces to browsers.
    port: int
    peers: int
    cpu: float  # Share of one core used over the last heartbeat, 0.0-1.0.
    draining: bool  # It takes no new peers and will end.
    full: bool
    metrics_port: int = 0  # Where Prometheus finds the figures, on the relay's own loopback.


# --- web -> relay: `type` is the tag of the class -------------------------------------------------
#
# Unknown fields are refused: a web that says more than this relay understands must not be served by
# half. A new field therefore comes with a new type.


class OpenPeer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="peer.open"):
    """Ask for one connection, with the grant for it.

    Answered with the same `request` by `relay.offer`, or by `relay.error`: `grant_expired`,
    `relay_full`, `draining`, `peer_exists`, `bad_request`. `peer` is new for every connection and
    stands for one socket; `user` is "" for a visitor without an account. `expires_at` is a
    wall-clock second: a relay that reads it later refuses. `stage` is true for participants on
    stage: they get streams of their own, without their own sound and picture.
    """

    request: str
    reply_to: str
    peer: str
    space: str
    user: str
    stage: bool
    expires_at: float
    policy: Policy  # With the grant, so that a relay that is new to the Space has it at once.


class AnswerPeer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="peer.answer"):
    """The browser's SDP answer; answered by `relay.accepted`, then by `relay.connected`.

    Or by `relay.error`: `bad_sdp`, `sdp_too_large`, `unknown_peer`. `reply_to` is for the
    case that the relay does not know the peer (any more); else the one in `peer.open` counts.
    """

    request: str
    peer: str
    sdp: str
    reply_to: str = ""


class ClosePeer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="peer.close"):
    """The socket is gone or the participant was removed: no packet is sent or taken after this.

    Not answered.
    """

    peer: str
    reason: str


class SetPeerVideo(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="peer.video"):
    """Pause or resume pictures for one peer ("audio only", hidden page). Not answered."""

    peer: str
    on: bool


class SetPeerPin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="peer.pin"):
    """This viewer wants to see `user` whichever speaker is active; null follows the room again.

    Not answered.
    """

    peer: str
    user: str | None


class SetPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="policy"):
    """A new or refreshed policy. Not answered."""

    policy: Policy


class CloseSpace(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="space.close"):
    """The Space has ended: every peer is closed at once, by `relay.closed` with this reason."""

    space: str
    reason: str


Request = OpenPeer | AnswerPeer | ClosePeer | SetPeerVideo | SetPeerPin | SetPolicy | CloseSpace


# --- relay -> web: channel-layer messages ---------------------------------------------------------
#
# The tag is the name of the consumer's method, with a dot for the underscore.


class Assignment(msgspec.Struct, frozen=True):
    """Which user is in each slot.

    `active` is the active speaker; in a personal assignment, the last one who is another user.
    """

    audio: tuple[str | None, ...] = (None,) * AUDIO_SLOTS  # By slot.
    video: str | None = None
    screen: str | None = None
    active: str | None = None


class SlotMids(msgspec.Struct, frozen=True):
    """The mids of an offer: what the browser receives, and where it sends its own tracks."""

    audio: tuple[str, ...]
    video: str
    screen: str
    microphone: str
    camera: str
    display: str  # The screen that this browser shares.


class PathQuality(StrEnum):
    """How well a path carries media. `AUDIO_ONLY`: its pictures are paused."""

    GOOD = "good"
    POOR = "poor"
    AUDIO_ONLY = "audio_only"


class Offer(msgspec.Struct, frozen=True, tag="relay.offer"):
    """The answer to `peer.open`, to `reply_to`."""

    request: str
    peer: str
    relay: str
    sdp: str
    slots: SlotMids
    assigned: Assignment


class Accepted(msgspec.Struct, frozen=True, tag="relay.accepted"):
    """The answer to `peer.answer`, to `reply_to`."""

    request: str
    peer: str


class Refusal(msgspec.Struct, frozen=True, tag="relay.error"):
    """The answer to a request that could not be met. `text` is for the log."""

    request: str
    peer: str
    code: Code  # Stable: the web decides by it whether to try another relay.
    text: str


class Connected(msgspec.Struct, frozen=True, tag="relay.connected"):
    """ICE and DTLS are through; to `reply_to`, and once more 5 s later."""

    peer: str


class Closed(msgspec.Struct, frozen=True, tag="relay.closed"):
    """The relay has closed the peer: consent_lost, replaced, drained, left …; to `reply_to`, and
    once more 5 s later.
    """

    peer: str
    reason: str


class Speaker(msgspec.Struct, frozen=True, tag="relay.speaker"):
    """Who is in the slots now; said again 5 s later, as the message may have been lost.

    To the group of the Space for those who share the slots (`peer` is ""), else `personal` and to
    `reply_to`, for a peer with streams of its own.
    """

    assigned: Assignment
    personal: bool
    peer: str = ""


class PathHealth(msgspec.Struct, frozen=True, tag="relay.health"):
    """How the path of what the peer gets is, and of what it sends; to `reply_to` at each change,
    and once more 5 s later.
    """

    peer: str
    level: PathQuality
    sending: PathQuality


RelayMessage = Offer | Accepted | Refusal | Connected | Closed | Speaker | PathHealth

_REQUEST: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_NODE = msgspec.json.Decoder(Node)
_ASSIGNMENT = msgspec.json.Decoder(Assignment)


def parse_request(text: str | bytes) -> Request:
    """Return the request of a stream entry. Raises ProtocolError."""
    return decode(_REQUEST, text)


def parse_node(text: str | bytes) -> Node:
    """Return what a relay says of itself. Raises ProtocolError."""
    return decode(_NODE, text)


def parse_assignment(text: str | bytes) -> Assignment:
    """Return who is in the slots, from the channel of a Space's slots. Raises ProtocolError."""
    return decode(_ASSIGNMENT, text)


def encode_message(message: RelayMessage) -> object:
    """Return a message as the channel layer takes it: a dictionary with its `type`."""
    return msgspec.to_builtins(message)


def parse_message(values: object) -> RelayMessage:
    """Return what the channel layer brought. Raises ValueError (msgspec's) for anything else."""
    return cast("RelayMessage", msgspec.convert(values, RelayMessage))
