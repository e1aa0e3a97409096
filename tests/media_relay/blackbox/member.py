"""A person in a Space whose browser is aiortc's own RTCPeerConnection: an implementation apart from
the relay's.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import aioice.ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

from tests.media_relay.blackbox.harness import Notice, Scene
from tests.media_relay.blackbox.senses import Ear, Eye, Picture, Tone
from tests.stack.waiting import until

CLOSE_S = 5.0
SdpEdit = Callable[[str], str]


class Member:
    """One peer of a Space. `join` connects it; then it may talk, show, listen and look."""

    def __init__(
        self, scene: Scene, user: str = "", stage: bool = False, host: str = "127.0.0.1"
    ) -> None:
        """`host` is the one address that this person's browser gathers."""
        self.scene = scene
        self.user = user
        self.stage = stage
        self.host = host
        self.peer = ""
        self.offer: Notice = {}
        self.slots: dict[str, str | list[str]] = {}
        self.ears: dict[str, Ear] = {}
        self.eyes: dict[str, Eye] = {}
        # By its default policy aiortc leaves the second and later video sections on a transport
        # that it then closes.
        self.connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )

    # --- joining ----------------------------------------------------------------------------------

    async def join(self, edit_offer: SdpEdit = str, edit_answer: SdpEdit = str) -> "Member":
        """Open the peer, answer the offer and wait until media can flow."""
        reply = await self.negotiate(edit_offer, edit_answer)
        assert reply["type"] == "relay.accepted", reply
        await self.scene.bus.expect(self.peer, "relay.connected")
        return self

    async def negotiate(self, edit_offer: SdpEdit = str, edit_answer: SdpEdit = str) -> Notice:
        """Open the peer and answer its offer; return what the relay said to the answer."""
        grant = self.scene.grant(self.user, self.stage)
        self.peer = grant.peer
        self.offer = await self.scene.bus.ask(grant)
        assert self.offer["type"] == "relay.offer", self.offer
        self.slots = self.offer["slots"]
        return await self.scene.answer(
            self.peer, edit_answer(await self._answer(edit_offer(self.offer["sdp"])))
        )

    async def _answer(self, offer: str) -> str:
        with candidates_only_of(self.host):
            await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            for name in ("microphone", "camera", "display"):
                # A transceiver that aiortc made for an offered section is recvonly until it is told
                # otherwise.
                self.transceiver(name).direction = "sendonly"
            self._open_senses()
            await self.connection.setLocalDescription(await self.connection.createAnswer())
        return str(self.connection.localDescription.sdp)

    def _open_senses(self) -> None:
        for transceiver in self.connection.getTransceivers():
            track, mid = transceiver.receiver._track, str(transceiver.mid)
            if track is not None and transceiver.kind == "audio":
                self.ears[mid] = Ear(track)
            elif track is not None:
                self.eyes[mid] = Eye(track)

    # --- acting -----------------------------------------------------------------------------------

    def transceiver(self, slot: str) -> RTCRtpTransceiver:
        """Return the transceiver of "microphone", "camera", "display", "video" or "screen"."""
        return next(t for t in self.connection.getTransceivers() if t.mid == self.slots[slot])

    def talk(self, frequency_hz: int) -> Tone:
        tone = Tone(frequency_hz)
        self.use("microphone", tone)
        return tone

    def show(self, colour: str) -> Picture:
        picture = Picture(colour)
        self.use("camera", picture)
        return picture

    def share(self, colour: str) -> Picture:
        picture = Picture(colour)
        self.use("display", picture)
        return picture

    def use(self, slot: str, track: MediaStreamTrack | None) -> None:
        """Send `track`, as `sender.replaceTrack` does in a browser; None stops sending."""
        self.transceiver(slot).sender.replaceTrack(track)

    async def close(self) -> None:
        """Leave without a word to the relay, as a page that is closed."""
        await asyncio.gather(
            *(ear.close() for ear in self.ears.values()),
            *(eye.close() for eye in self.eyes.values()),
        )
        await asyncio.wait_for(self.connection.close(), CLOSE_S)

    # --- sensing ----------------------------------------------------------------------------------

    async def hear(self, *tones_hz: int, timeout_s: float = 10.0) -> None:
        """Wait until exactly these tones are heard; with none, until there is silence."""
        wanted = set(tones_hz)
        what = f"{self.user or 'the visitor'} hears {wanted or 'silence'}"
        await until(lambda: wanted == self.hears, what, timeout_s)

    async def see(self, colour: str, timeout_s: float = 10.0) -> None:
        """Wait until the main picture has this colour and moves; with "", until there is no
        picture.
        """
        what = f"{self.user or 'the visitor'} sees {colour or 'no picture'}"
        await until(lambda: self.sees == colour and (self.eye.moves or not colour), what, timeout_s)

    @property
    def hears(self) -> set[int]:
        """The tones heard now, over all audio slots."""
        return {ear.tone_hz for ear in self.ears.values()} - {0}

    @property
    def eye(self) -> Eye:
        """The eye on the main picture."""
        return self.eyes[str(self.slots["video"])]

    @property
    def sees(self) -> str:
        """The colour of the main picture now, "" if there is none."""
        return self.eye.colour

    @property
    def sees_screen(self) -> str:
        """The colour of the shared screen now, "" if there is none."""
        return self.eyes[str(self.slots["screen"])].colour

    @property
    def audio_frames(self) -> int:
        return sum(ear.frames for ear in self.ears.values())


@contextmanager
def candidates_only_of(host: str) -> Iterator[None]:
    """Make aioice gather on `host`, also 127.0.0.1, which it otherwise leaves out, and on no other
    interface of the machine.
    """
    original = aioice.ice.get_host_addresses
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [host]
    try:
        yield
    finally:
        aioice.ice.get_host_addresses = original


def without_audio_level(offer: str) -> str:
    """Take the RFC 6464 extension out of an offer: the client then sends no levels."""
    return re.sub(
        r"(?m)^a=extmap:\d+\S* urn:ietf:params:rtp-hdrext:ssrc-audio-level.*\r?\n", "", offer
    )


def with_wrong_fingerprint(answer: str) -> str:
    """Change one byte of every certificate fingerprint in an answer."""

    def spoil(found: re.Match[str]) -> str:
        return found[1] + ("00" if found[2].upper() != "00" else "11")

    return re.sub(r"(?m)^(a=fingerprint:\S+ )([0-9A-Fa-f]{2})", spoil, answer)
