"""Listeners at Janus: the same light peers that listen at the relay."""

import re
from dataclasses import dataclass

from tests.bench import stun
from tests.bench.janus.gateway import ANSWER_S, Gateway, Message
from tests.bench.peer import Identity, Peer
from tests.bench.sdp import read_offer

OPUS, VP8 = 111, 96


@dataclass
class Viewer:
    """One listener at Janus, as `crowd` sees it."""

    peer: Peer
    offer: Message

    def slot_payload_type(self, slot: str) -> int:
        return OPUS if slot == "audio" else VP8


class JanusPeer(Peer):
    """Answers Janus's checks, and tells it where we are: it starts no ICE before it knows of an
    address.
    """

    def described(self) -> str:
        """Return our SDP with our address in it."""
        host, port = self.socket.getsockname()
        line = f"a=candidate:1 1 udp 2122260223 {host} {port} typ host\r\na=end-of-candidates\r\n"
        return re.sub(r"(a=mid:\S+\r\n)", rf"\1{line}", self.answer)

    def _take_stun(self, datagram: bytes) -> None:
        if stun.kind_of(datagram) != stun.BINDING_REQUEST:
            super()._take_stun(datagram)
            return
        self.answer_check(stun.transaction_of(datagram))
        self.checked = True
        self._news.set()


class LitePeer(JanusPeer):
    """The lite side of ICE: sends no checks of its own. Janus's own lite mode fails here."""

    def described(self) -> str:
        return super().described().replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n", 1)

    def check(self) -> None:
        """Janus asks for itself, at first and for consent."""


class Audience:
    """Brings viewers to what `wish` asks the plugin for; stands where `LightRoom` does for a crowd."""

    def __init__(self, gateway: Gateway, identity: Identity, wish: Message) -> None:
        self._gateway = gateway
        self._identity = identity
        self._wish = wish
        self._peers: list[Peer] = []

    async def join(self, user: str = "", *, consent: bool = True) -> Viewer:
        handle = await self._gateway.attach()
        answer = await self._gateway.say(handle, self._wish)
        offer = read_offer(answer["jsep"]["sdp"])
        peer = LitePeer(self._identity, offer)
        self._peers.append(peer)
        await self._gateway.say(
            handle, {"request": "start"}, {"type": "answer", "sdp": peer.described()}
        )
        await peer.connect(ANSWER_S)
        mids = {section.kind: section.mid for section in offer.sections}
        return Viewer(peer, {"slots": {"audio": [mids["audio"]], "video": mids["video"]}})

    async def close(self) -> None:
        for peer in self._peers:
            await peer.close()
