"""What is taken from a publisher, before and after decryption."""

import struct

import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.metrics import Drop, Metrics
from media_relay.rooms.publisher import IN_STEP_MASK, MAX_RTP, MAX_SSRCS, Publisher
from media_relay.rooms.source_limits import SOURCE_LIMITS
from media_relay.signalling.codecs import OPUS, VP8_CAMERA, VP8_CAMERA_RTX

VOICE, CAMERA, REPEAT = 1001, 2001, 2002
EVERYTHING = frozenset(MediaKind)


def packet(
    payload_type: int = OPUS, ssrc: int = VOICE, sequence: int = 1, payload: bytes = b"sound"
) -> memoryview:
    return memoryview(
        bytearray(struct.pack("!BBHII", 0x80, payload_type, sequence, 0, ssrc) + payload + bytes(8))
    )


def picture(sequence: int) -> bytes:
    return b"\x90\x80\x80\x01\x00" + bytes([sequence])


class Bench:
    def __init__(self, allowed: frozenset[MediaKind] = EVERYTHING) -> None:
        self.metrics = Metrics()
        self.publisher = Publisher("alice", 1, self.metrics)
        self.publisher.allow(allowed)

    def take(self, view: memoryview, now_ms: int = 0) -> bool:
        """Put one packet through both gates, as the transport does."""
        if not self.publisher.admits(view, len(view), now_ms):
            return False
        return self.publisher.on_rtp(view, len(view) - 8, now_ms) is not None


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_it_tells_kinds_apart_by_payload_type(bench: Bench) -> None:
    assert bench.take(packet())
    assert bench.take(packet(VP8_CAMERA, CAMERA, payload=picture(1)))
    assert {kind: track.ssrc for kind, track in bench.publisher.tracks.items()} == {
        MediaKind.MICROPHONE: VOICE,
        MediaKind.CAMERA: CAMERA,
    }


def test_it_drops_before_decryption_what_is_not_allowed() -> None:
    bench = Bench(frozenset({MediaKind.CAMERA}))
    assert not bench.publisher.admits(packet(), 30, 0)
    assert bench.metrics.drops[Drop.RTP_NOT_ALLOWED] == 1


def test_it_opens_a_few_of_the_dropped_ones_to_keep_in_step_and_takes_none() -> None:
    """SRTP's rollover counter is guessed from the packets that are opened (RFC 3711 §3.3.1)."""
    bench = Bench(frozenset())
    admitted = [
        n for n in range(0, 1 << 16) if bench.publisher.admits(packet(sequence=n), 30, n // 100)
    ]
    assert len(admitted) == (1 << 16) // (IN_STEP_MASK + 1)
    assert bench.publisher.on_rtp(packet(sequence=0), 17, 0) is None
    assert bench.publisher.tracks == {}


def test_it_knows_no_other_payload_types(bench: Bench) -> None:
    assert not bench.take(packet(payload_type=0))
    assert bench.metrics.drops[Drop.RTP_UNKNOWN_PAYLOAD] == 1


def test_it_takes_one_ssrc_at_a_time(bench: Bench) -> None:
    assert bench.take(packet())
    assert not bench.take(packet(ssrc=VOICE + 1), 100)
    assert bench.metrics.drops[Drop.RTP_FOREIGN_SSRC] == 1


def test_it_takes_a_new_ssrc_when_the_former_has_gone_silent(bench: Bench) -> None:
    bench.take(packet())
    former = bench.publisher.tracks[MediaKind.MICROPHONE]
    assert bench.take(packet(ssrc=VOICE + 1), 5000)
    assert bench.publisher.tracks[MediaKind.MICROPHONE] is not former
    assert bench.publisher.feedback.tracks == [bench.publisher.tracks[MediaKind.MICROPHONE]]


def test_it_does_not_grow_with_ssrcs(bench: Bench) -> None:
    taken = [bench.take(packet(ssrc=n), 5000 * n) for n in range(1, 1000)]
    assert sum(taken) == MAX_SSRCS


def test_it_caps_how_much_one_source_sends(bench: Bench) -> None:
    taken = [bench.take(packet(sequence=n)) for n in range(1000)]
    assert sum(taken) == SOURCE_LIMITS[MediaKind.MICROPHONE].datagrams_per_s
    assert bench.metrics.drops[Drop.RTP_RATE] == 1000 - sum(taken)
    assert bench.take(packet(sequence=1001), 1000)


def test_it_refuses_what_is_too_long_to_go_on(bench: Bench) -> None:
    assert not bench.take(packet(payload=bytes(MAX_RTP)))
    assert bench.metrics.drops[Drop.RTP_OVERSIZE] == 1


def test_it_counts_duplicates(bench: Bench) -> None:
    assert bench.take(packet())
    assert not bench.take(packet())
    assert bench.metrics.drops[Drop.RTP_DUPLICATE] == 1


def test_it_puts_a_retransmission_in_the_place_of_what_was_lost(bench: Bench) -> None:
    for sequence in (1, 3):
        assert bench.take(packet(VP8_CAMERA, CAMERA, sequence, picture(sequence)))
    again = packet(VP8_CAMERA_RTX, REPEAT, 700, (2).to_bytes(2, "big") + picture(2))
    taken = (
        bench.publisher.on_rtp(again, len(again) - 8, 10)
        if bench.publisher.admits(again, len(again), 10)
        else None
    )
    assert taken is not None
    track, length = taken
    assert track.ssrc == CAMERA
    assert struct.unpack_from("!H", again, 2) == (2,)
    assert bytes(again[12:length]) == picture(2)


def test_it_has_no_use_for_a_retransmission_of_nothing(bench: Bench) -> None:
    assert not bench.take(packet(VP8_CAMERA_RTX, REPEAT, 700, b"\0\2" + picture(2)))


def test_it_reads_transport_wide_numbers(bench: Bench) -> None:
    extension = bytes.fromhex("bede0001 41 0007 00".replace(" ", ""))
    view = memoryview(
        bytearray(struct.pack("!BBHII", 0x90, OPUS, 1, 0, VOICE) + extension + b"sound" + bytes(8))
    )
    assert bench.take(view)
    assert bench.publisher.feedback.arrivals.due(1000) is not None


@pytest.mark.parametrize(
    "data",
    ["90" + "6f" + "00" * 10 + "bede00ff", "af6f" + "00" * 10, "a0" + "6f" + "00" * 10 + "ff"],
)
def test_it_says_that_a_packet_is_not_well_formed(bench: Bench, data: str) -> None:
    view = memoryview(bytearray(bytes.fromhex(data) + bytes(8)))
    with pytest.raises(ValueError):
        bench.publisher.on_rtp(view, len(view) - 8, 0)


def test_it_begins_anew_after_a_mute(bench: Bench) -> None:
    """What was sent in the meantime is not lost and is not asked for."""
    bench.take(packet(sequence=1))
    bench.publisher.allow(frozenset())
    bench.publisher.allow(EVERYTHING)
    assert bench.take(packet(sequence=500), 50)
    assert bench.publisher.tracks[MediaKind.MICROPHONE].nacks.due(1000) == []
