"""What the web and the relay say to each other over Redis. The one module of `media_relay` that
`spaces` may import.

Requests (web -> relay) go into the relay's own stream, `requests_key(relay_id)`, so they arrive in
order and none is lost while the relay lives. Each entry has one field, `json`. Replies and notices
(relay -> web) go out by the Channels layer: to the `reply_to` channel of the socket that asked, or
to the group of the Space. Their `type` is the name of the consumer's handler.

Keys in Redis, all of which may be lost:

    relay:nodes               zset   relay id -> wall-clock second of its last heartbeat (every 2 s, dead after 6 s)
    relay:node:<relay>        string JSON of `Node`, expires after 6 s
    relay:requests:<relay>    stream of requests
    relay:home:<space>        string relay id: where the stage of the Space connects
    relay:gone:<relay>        string, set for a minute by a supervisor that saw the relay end
    relay:policy:<space>      string JSON of `Policy`, expires after 120 s
    relay:slots:<space>       pub/sub channel of slot packets, for other relays and for egress (media_relay/redis/cascade.py)
    relay:feedback:<space>    pub/sub channel back to the home relay: key frames wanted

What the web and egress say to each other is in `wishes`, and can be had from here as well.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, cast

from media_relay.errors import ProtocolError
from media_relay.protocol import egress

NODES_KEY = "relay:nodes"
HEARTBEAT_S = 2
NODE_DEAD_S = 6
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


@dataclass(frozen=True)
class Sources:
    """What one person may send right now. A packet of any other kind is dropped."""

    microphone: bool = False
    camera: bool = False
    screen: bool = False


@dataclass(frozen=True)
class Policy:
    """Who may send what in a Space: the whole truth at `rev`, never a change to an earlier one.

    `publishers` maps user id to what is forwarded now (a muted microphone is `microphone=False`).
    `spotlight` is the user whose camera everybody sees whoever speaks, or None. A relay ignores a
    policy whose `rev` is lower than the one it has; an equal one renews the lease of `LEASE_S`.
    """

    LEASE_S: ClassVar[int] = 120

    space: str
    rev: int
    publishers: Mapping[str, Sources] = field(default_factory=dict)
    spotlight: str | None = None


@dataclass(frozen=True)
class Node:
    """A relay as the web sees it when it places a listener."""

    relay: str
    address: str
    port: int
    peers: int
    cpu: float  # Share of one core used over the last heartbeat, 0.0-1.0.
    draining: bool
    full: bool
    metrics_port: int = 0  # Where Prometheus finds the figures, on the relay's own loopback.


@dataclass(frozen=True)
class Request:
    """Base of all web -> relay messages. `type` is the word on the wire."""

    type: ClassVar[str]


@dataclass(frozen=True)
class OpenPeer(Request):
    """The grant and the wish for one connection. Answered by `relay.offer` or `relay.error` with
    the same `request`.

    `peer` is new for every connection and stands for one socket; `user` is "" for a visitor without
    an account. `expires_at` is a wall-clock second: a relay that reads it later refuses
    (`grant_expired`). `stage` is true for people on stage: they get streams of their own, so that
    nobody hears or sees themselves.
    """

    type: ClassVar[str] = "peer.open"

    request: str
    reply_to: str
    peer: str
    space: str
    user: str
    stage: bool
    expires_at: float
    policy: Policy


@dataclass(frozen=True)
class AnswerPeer(Request):
    """The browser's SDP answer. Answered by `relay.accepted` or `relay.error` with the same
    `request`.

    `reply_to` is for the case that the relay does not know the peer (any more); else the one in
    `OpenPeer` counts.
    """

    type: ClassVar[str] = "peer.answer"

    request: str
    peer: str
    sdp: str
    reply_to: str = ""


@dataclass(frozen=True)
class ClosePeer(Request):
    """The socket is gone or the person was removed: no packet is sent or taken after this.

    Not answered.
    """

    type: ClassVar[str] = "peer.close"

    peer: str
    reason: str


@dataclass(frozen=True)
class SetVideo(Request):
    """Pause or resume pictures for one peer ("audio only", hidden page). Not answered."""

    type: ClassVar[str] = "peer.video"

    peer: str
    on: bool


@dataclass(frozen=True)
class PinView(Request):
    """This viewer wants to see `user` whoever speaks; None follows the room again. Not answered."""

    type: ClassVar[str] = "peer.pin"

    peer: str
    user: str | None


@dataclass(frozen=True)
class SetPolicy(Request):
    """A new or refreshed policy. Not answered."""

    type: ClassVar[str] = "policy"

    policy: Policy


@dataclass(frozen=True)
class CloseSpace(Request):
    """The Space has ended: every peer of it is closed at once. Not answered."""

    type: ClassVar[str] = "space.close"

    space: str
    reason: str


# --- relay -> web, as channel-layer messages ------------------------------------------------------
#
# relay.offer     {request, peer, relay, sdp, slots, assigned}    to reply_to
# relay.accepted  {request, peer}                                 to reply_to
# relay.error     {request, peer, code, text}                     to reply_to
# relay.connected {peer}                                          to reply_to, when ICE and DTLS are
# through
# relay.closed    {peer, reason}                                  to reply_to: consent_lost,
# replaced, drained, left …
# relay.speaker   {assigned, personal: true}                      to reply_to, for peers with
# streams of their own
# relay.speaker   {assigned, personal: false}                     to the group of the Space
# relay.health    {peer, level: "good"|"poor"|"audio_only", sending: "good"|"poor"}   to reply_to:
# the path of what the
# peer gets, and of what it sends; at each change
#
# slots    {"audio": ["0","1","2"], "video": "3", "screen": "4", "microphone": "5", "camera": "6",
# "display": "7"} mids
# assigned {"audio": [user|null ×3], "video": user|null, "screen": user|null, "active": user|null}

_REQUESTS: dict[str, type[Request]] = {
    cls.type: cls
    for cls in (OpenPeer, AnswerPeer, ClosePeer, SetVideo, PinView, SetPolicy, CloseSpace)
}


def encode(request: Request) -> str:
    """Return the JSON text of a request, for the one field of its stream entry."""
    return json.dumps({"type": request.type, **asdict(request)}, separators=(",", ":"))


def parse(text: str | bytes) -> Request:
    """Return the request in `text`. Raises ProtocolError for anything `encode` would not write."""
    try:
        values = json.loads(text)
        cls = _REQUESTS[values.pop("type")]
        if "policy" in values:
            values["policy"] = policy_from(values["policy"])
        return _checked(cls(**values))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError("bad_request", f"Unreadable request: {error}") from error


def _checked(request: Request) -> Request:
    """Return the request if each field has its type; JSON's 5 is a good float. Raises TypeError."""
    for each in fields(request):
        value, kind = getattr(request, each.name), each.type
        if not isinstance(value, (int, float) if kind is float else cast("type", kind)):
            raise TypeError(f"{each.name} is {type(value).__name__}")
    return request


def policy_from(values: dict[str, Any]) -> Policy:  # Any: what json.loads gives.
    """Return the policy in decoded JSON. Raises KeyError, TypeError or ValueError if it is not one."""
    publishers = {str(user): Sources(**sources) for user, sources in values["publishers"].items()}
    spotlight = values.get("spotlight")
    return Policy(
        str(values["space"]),
        int(values["rev"]),
        publishers,
        None if spotlight is None else str(spotlight),
    )


# --- web <-> egress -------------------------------------------------------------------------------

EGRESS_CHANGED = egress.EGRESS_CHANGED
EGRESS_NODES_KEY = egress.EGRESS_NODES_KEY
EGRESS_SPACES_KEY = egress.EGRESS_SPACES_KEY
MAX_NOTE_BYTES = egress.MAX_NOTE_BYTES
RECORDING_ID = egress.RECORDING_ID
Caption = egress.Caption
CaptionStatus = egress.CaptionStatus
RecordingStatus = egress.RecordingStatus
Wanted = egress.Wanted
captions_channel = egress.captions_channel
notes_channel = egress.notes_channel
wanted_from = egress.wanted_from
wanted_key = egress.wanted_key
