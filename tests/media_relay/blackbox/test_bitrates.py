"""What goes on of a source that sends more than its kind may, through a real relay."""

import time
from functools import partial

import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.rooms.source_limits import SOURCE_LIMITS
from media_relay.rtcp.packets import parse
from media_relay.rtcp.remb import Remb
from tests.media_relay.blackbox.harness import RelayProcess
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.stack.waiting import until

TICK_S = 0.01
WATCH_S = 3.0
SLOTS = {"microphone": "audio", "camera": "video", "display": "screen"}
SIZE = 1240  # Bytes of payload.
DROPPED = 'relay_drops_total{{reason="{}"}}'


def bitrates(member: LightMember) -> list[int]:
    """Return what the relay has told a member that it may send, in bits a second."""
    found = [packet for compound in member.peer.rtcp for packet in parse(memoryview(compound))]
    return [packet.bitrate_bps for packet in found if isinstance(packet, Remb)]


class Flood:
    """Sends so many packets of one source every 10 ms."""

    def __init__(self, member: LightMember, source: str, packets: int, size: int = SIZE) -> None:
        self.member = member
        self.source = source
        self.packets = packets
        self.size = size
        self.bytes_sent = 0

    def send(self) -> None:
        stream = self.member.streams[self.source]
        for _ in range(self.packets):
            # A relay does not look into what a microphone sends.
            packet = stream.frame(1, self.size, key=True)[0]
            self.bytes_sent += len(packet)
            self.member.peer.send_rtp(packet)


@pytest.mark.parametrize(
    ("source", "packets", "kind"),
    [
        ("microphone", 2, MediaKind.MICROPHONE),  # 2 Mbit/s, 200 packets a second.
        ("camera", 15, MediaKind.CAMERA),  # 15 Mbit/s.
        ("display", 15, MediaKind.SCREEN),
    ],
)
async def test_it_forwards_no_more_of_a_source_than_its_kind_may_send(
    light: LightRoom, relay: RelayProcess, source: str, packets: int, kind: MediaKind
) -> None:
    sources = {"screen" if source == "display" else source: True}
    alice = await light.join("alice", **sources)
    bob = await light.join("bob")
    sizes: list[int] = []
    wanted = bob.slot_payload_type(SLOTS[source])
    bob.peer.on_rtp = lambda packet: (
        sizes.append(len(packet)) if packet[1] & 0x7F == wanted else None
    )
    dropped = DROPPED.format("rtp_bitrate")
    before = relay.metrics()[dropped]
    flood = Flood(alice, source, packets)
    sending = light.repeat(flood.send, TICK_S, "a flood")
    begun = time.monotonic()
    await until(lambda: time.monotonic() - begun > WATCH_S, "it goes on for a while", WATCH_S + 2)
    took_s = time.monotonic() - begun
    sending.cancel()
    limit = SOURCE_LIMITS[kind].bitrate_bps
    allowed = limit / 8 * (took_s + 1)
    assert flood.bytes_sent > 1.5 * allowed, "Else there was nothing to bound."
    assert limit / 8 <= sum(sizes) <= allowed
    assert relay.metrics()[dropped] > before
    told = bitrates(alice)
    assert min(told) < max(told), "It is told to send less."


async def test_it_bounds_tiny_packets_by_their_number(
    light: LightRoom, relay: RelayProcess
) -> None:
    alice = await light.join("alice", microphone=True)
    bob = await light.join("bob")
    dropped = DROPPED.format("rtp_rate")
    before = relay.metrics()[dropped]
    flood = Flood(alice, "microphone", 8, 30)
    counted: list[bytes] = []
    bob.peer.on_rtp = counted.append
    begun = time.monotonic()
    light.repeat(flood.send, TICK_S, "a flood")
    await until(lambda: relay.metrics()[dropped] > before + 500, "packets are dropped")
    took_s = time.monotonic() - begun
    assert len(counted) <= SOURCE_LIMITS[MediaKind.MICROPHONE].datagrams_per_s * (took_s + 1)


async def test_it_takes_what_browsers_send_as_it_comes(
    light: LightRoom, relay: RelayProcess
) -> None:
    """A camera and a screen at what the page asks them for, with a key frame of 150 kB."""
    alice = await light.join("alice", microphone=True, camera=True, screen=True)
    await light.join("bob")
    before = relay.metrics()
    for packet in alice.streams["camera"].frame(120, SIZE, key=True):
        alice.peer.send_rtp(packet)
    light.keep_speaking(alice)
    camera = light.repeat(partial(alice.film, key=False, packets=5, size=SIZE), 1 / 30, "films")
    screen = Flood(alice, "display", 2)  # 2 Mbit/s.
    light.repeat(screen.send, TICK_S, "shares")
    await until(lambda: screen.bytes_sent > 600_000, "more than two seconds of it")
    assert not camera.done()
    after = relay.metrics()
    for reason in ("rtp_bitrate", "rtp_rate"):
        assert after[DROPPED.format(reason)] == before[DROPPED.format(reason)]
