"""Light peers in one Space: they join as a browser does and then send exactly the packets a test
makes.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from media_relay.protocol.relay import ClosePeer
from tests.bench.peer import Identity, Peer
from tests.bench.repair import Resender
from tests.bench.sdp import read_offer
from tests.bench.synthetic import Stream
from tests.media_relay.blackbox.harness import Notice, Scene
from tests.stack.waiting import stays, until

SPEECH_S = 0.02
FRAME_S = 1 / 30
MUTE_S = 0.25  # RULES §5: the server stops forwarding within 250 ms.
STALL_S = 0.1
PAUSE_S = 0.1  # Five packets missing in a row are a pause, not jitter.
QUIET_S = 0.3


@dataclass
class LightMember:
    """A light peer with its grant and its streams by slot name."""

    user: str
    id: str
    peer: Peer
    offer: Notice
    streams: dict[str, Stream] = field(default_factory=dict)
    heard_at: float = 0.0

    def __post_init__(self) -> None:
        self.peer.on_rtp = self._take

    def speak(self, level_dbov: int | None = -25) -> bytes:
        """Send 20 ms of speech and return the packet."""
        packet = self.streams["microphone"].speech(level_dbov=level_dbov)
        self.peer.send_rtp(packet)
        return packet

    def film(self, key: bool, packets: int = 2, size: int = 900) -> list[bytes]:
        """Send one frame and return its packets."""
        frame = self.streams["camera"].frame(packets, size, key)
        for packet in frame:
            self.peer.send_rtp(packet)
        return frame

    def slot_payload_type(self, slot: str) -> int:
        mids = self.offer["slots"][slot]
        return self.peer.offer.section(mids[0] if isinstance(mids, list) else mids).media_type

    def packets_of(self, slot: str) -> list[bytes]:
        """Return the RTP packets received with the payload type of a slot."""
        wanted = self.slot_payload_type(slot)
        return [packet for packet in self.peer.rtp if packet[1] & 0x7F == wanted]

    async def hears(self, packets: int = 5, timeout_s: float = 10.0) -> None:
        """Wait for new sound."""
        self.peer.rtp.clear()
        await until(
            lambda: len(self.packets_of("audio")) >= packets,
            f"{self.name} receives sound",
            timeout_s,
        )

    async def falls_silent(self, timeout_s: float = MUTE_S) -> None:
        """Wait until sound has stopped, which must begin within `timeout_s`, and see that it does
        not come back.
        """
        await until(self.is_silent, f"{self.name} receives no more sound", timeout_s + PAUSE_S)
        await self.stays_silent()

    async def stays_silent(self, for_s: float = QUIET_S) -> None:
        self.peer.rtp.clear()
        await stays(lambda: not self.packets_of("audio"), f"{self.name} receives no sound", for_s)

    @property
    def name(self) -> str:
        return self.user or "the visitor"

    def is_silent(self) -> bool:
        return time.monotonic() - self.heard_at > PAUSE_S

    def _take(self, packet: bytes) -> None:
        self.peer.rtp.append(packet)
        if packet[1] & 0x7F == self.slot_payload_type("audio"):
            self.heard_at = time.monotonic()


class LightRoom:
    """Joins light members and keeps their streams going; `close` ends all of it."""

    def __init__(self, scene: Scene, identity: Identity) -> None:
        self.scene = scene
        self.identity = identity
        self.members: list[LightMember] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, user: str = "", *, consent: bool = True, **sources: bool) -> LightMember:
        """Bring one peer in and wait until both sides have keys.

        Without `consent` the caller sends the checks.
        """
        member = await self.open(user, **sources)
        await self.enter(member)
        if consent:
            member.peer.keep_consent()
        return member

    async def open(self, user: str = "", **sources: bool) -> LightMember:
        """Open a peer and read its offer; it has not answered yet."""
        if sources:
            await self.scene.allow(user, **sources)
        grant = self.scene.grant(user, stage=bool(sources))
        reply = await self.scene.bus.ask(grant)
        assert reply["type"] == "relay.offer", reply
        offer = read_offer(reply["sdp"])
        slots = {name: reply["slots"][name] for name in ("microphone", "camera", "display")}
        streams = {
            name: Stream(offer.section(mid), secrets.randbits(32) | 1)
            for name, mid in slots.items()
        }
        peer = Peer(
            self.identity, offer, {slots[name]: stream.ssrc for name, stream in streams.items()}
        )
        member = LightMember(user, grant.peer, peer, reply, streams)
        self.members.append(member)
        return member

    async def enter(self, member: LightMember) -> None:
        """Answer the offer and connect."""
        reply = await self.scene.answer(member.id, member.peer.answer)
        assert reply["type"] == "relay.accepted", reply
        await member.peer.connect()
        await self.scene.bus.expect(member.id, "relay.connected")

    def keep_speaking(
        self, member: LightMember, level_dbov: int | None = -25
    ) -> asyncio.Task[None]:
        """Send speech every 20 ms until the task is cancelled or the room closes."""
        return self.repeat(partial(member.speak, level_dbov), SPEECH_S, f"{member.user} speaks")

    def keep_filming(
        self, member: LightMember, resender: Resender | None = None
    ) -> asyncio.Task[None]:
        """Send a frame 30 times a second, a key frame at first and at every PLI or FIR; NACKs go to
        `resender`.
        """
        state = {"key": True}

        def on_rtcp(packet: bytes) -> None:
            state["key"] |= asks_for_key_frame(packet)
            if resender is not None:
                resender.on_rtcp(packet)

        def film() -> None:
            key, state["key"] = state["key"], False
            for packet in member.film(key):
                if resender is not None:
                    resender.sent(packet)

        member.peer.on_rtcp = on_rtcp
        return self.repeat(film, FRAME_S, f"{member.user} films")

    def keep_lease(self) -> None:
        """Renew the policy's lease as the web's sweep does, until the room closes."""
        self._tasks.append(asyncio.create_task(self.scene.keep_lease(), name="lease"))

    async def leave(self, member: LightMember) -> None:
        await self.scene.bus.send(ClosePeer(member.id, "left"))
        await member.peer.close()
        self.members.remove(member)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for member in self.members:
            await member.peer.close()

    def repeat(self, act: Callable[[], object], interval_s: float, name: str) -> asyncio.Task[None]:
        """Call `act` at a fixed pace until the task is cancelled or the room closes."""
        task = asyncio.create_task(_repeat(act, interval_s), name=name)
        self._tasks.append(task)
        return task


async def _repeat(act: Callable[[], object], interval_s: float) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        act()
        # After a stall it goes on from now: a burst of what was missed would look like a flood to
        # the relay.
        due = max(due + interval_s, loop.time() - STALL_S)
        await asyncio.sleep(max(0.0, due - loop.time()))


def asks_for_key_frame(compound: bytes) -> bool:
    """Whether a compound RTCP packet holds a PLI or FIR (RFC 4585 §6.3.1, RFC 5104 §4.3.1)."""
    at = 0
    while at + 4 <= len(compound):
        if compound[at + 1] == 206 and compound[at] & 0x1F in (1, 4):
            return True
        at += 4 * (int.from_bytes(compound[at + 2 : at + 4], "big") + 1)
    return False
