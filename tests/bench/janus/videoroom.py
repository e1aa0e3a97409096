"""The VideoRoom plugin, Janus as an SFU: one publisher over WebRTC, everybody else subscribed to
what they send.
"""

from dataclasses import dataclass
from typing import ClassVar

from media_relay.ice.addresses import own_addresses
from tests.bench.janus.gateway import ANSWER_S, Gateway, Message
from tests.bench.janus.viewers import OPUS, VP8, JanusPeer
from tests.bench.peer import Identity
from tests.bench.publisher import Publisher
from tests.bench.sdp import AUDIO_LEVEL_URI, MID_URI, Offer, read_offer
from tests.bench.shapes import Shape
from tests.bench.synthetic import Stream

ROOM = FEED = 1
SSRCS = {"0": 1001, "1": 2001}
# What a light peer answers to, so that its answer can be the offer that Janus wants from a
# publisher. The address only says by which of this machine's to go: Janus does not use loopback.
TAKER = f"""v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=ice-ufrag:none
a=ice-pwd:none
a=candidate:1 1 udp 1 {own_addresses()[0]} 9 typ host
m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:{OPUS} opus/48000/2
a=extmap:1 {MID_URI}
a=extmap:2 {AUDIO_LEVEL_URI}
m=video 9 UDP/TLS/RTP/SAVPF {VP8}
a=mid:1
a=recvonly
a=rtcp-mux
a=rtpmap:{VP8} VP8/90000
a=rtcp-fb:{VP8} nack
a=rtcp-fb:{VP8} nack pli
a=extmap:1 {MID_URI}
"""


@dataclass
class Member:
    """The publisher's connection and its streams, as `Publisher` drives them."""

    peer: JanusPeer
    streams: dict[str, Stream]


class PublishingPeer(JanusPeer):
    """A peer that makes the offer, so that whom it talks to is known later than itself."""

    async def enter(self, theirs: Offer, timeout_s: float) -> None:
        """Connect to who gave the answer `theirs`."""
        self.offer, self.address = theirs, theirs.address
        self.username = f"{theirs.ufrag}:{self.ufrag}"
        await self.connect(timeout_s)
        self.keep_consent()


class Stage:
    """The one who sends, over WebRTC like every publisher of an SFU; the same `Publisher` as at the
    relay.
    """

    title = "VideoRoom"
    plugin = "videoroom"
    wish: ClassVar[Message] = {
        "request": "join",
        "ptype": "subscriber",
        "room": ROOM,
        "streams": [{"feed": FEED}],
    }

    def __init__(self) -> None:
        offer = read_offer(TAKER)
        self._peer = PublishingPeer(Identity(), offer, SSRCS)
        streams = {
            name: Stream(offer.section(mid), SSRCS[mid])
            for name, mid in (("microphone", "0"), ("camera", "1"))
        }
        self._publisher = Publisher(Member(self._peer, streams))

    async def join(self, gateway: Gateway) -> None:
        """Open the room and publish in it."""
        handle = await gateway.attach()
        await gateway.say(
            handle, {"request": "create", "room": ROOM, "publishers": 1, "bitrate": 0}
        )
        await gateway.say(
            handle, {"request": "join", "ptype": "publisher", "room": ROOM, "id": FEED}
        )
        offer = {"type": "offer", "sdp": self._peer.described()}
        answer = await gateway.say(
            handle, {"request": "publish", "audiocodec": "opus", "videocodec": "vp8"}, offer
        )
        await self._peer.enter(read_offer(answer["jsep"]["sdp"]), ANSWER_S)

    @property
    def sent(self) -> int:
        return self._publisher.sent

    def begin(self, shape: Shape, now: float) -> None:
        self._publisher.begin(shape, now)

    def stop(self) -> None:
        self._publisher.stop()

    def send_due(self, now: float) -> None:
        self._publisher.send_due(now)

    async def leave(self) -> None:
        await self._peer.close()
