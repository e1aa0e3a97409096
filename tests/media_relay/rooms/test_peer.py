"""What a peer says about what it gets, and how much of that is listened to."""

import socket
import struct
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import Track
from media_relay.metrics import Drop, Metrics
from media_relay.protocol.relay import OpenPeer, Policy
from media_relay.rooms.context import RelayContext
from media_relay.rooms.peer import PLI_INTERVAL_MS, Peer
from media_relay.rooms.publisher import Publisher
from media_relay.rtcp.feedback import RetransmissionBudget
from media_relay.rtcp.health import PAUSE_MS
from media_relay.rtcp.packets import (
    ReportBlock,
    encode_nack,
    encode_pli,
    encode_receiver_report,
    wrap,
)
from media_relay.signalling.offer import Endpoint
from media_relay.transport.udp_sender import UdpSender, open_socket
from tests.media_relay.test_control import CERTIFICATE, Web

SLOT, THEIRS = 500, 1


class Notebook:
    """Stands where the room does."""

    rtx_ssrcs: ClassVar = {MediaKind.CAMERA: 501, MediaKind.SCREEN: 502}

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []
        self.unsent = 0  # What of each report never went out.

    def kind_of(self, ssrc: int) -> MediaKind | None:
        return MediaKind.CAMERA if ssrc == SLOT else None

    def count_unsent(self, peer: Peer, ssrc: int, numbers: range) -> int:
        return self.unsent

    def on_path_changed(self, peer: Peer) -> None:
        self.said.append(("lossy", peer.is_lossy))

    def on_nack(self, peer: Peer, ssrc: int, lost: list[int]) -> None:
        self.said.append(("nack", lost))

    def on_key_frame_request(self, peer: Peer, ssrc: int) -> None:
        self.said.append(("key frame", ssrc))

    def on_video_changed(self, peer: Peer) -> None:
        self.said.append(("video", peer.has_video))

    def on_packet(
        self, peer: Peer, track: Track, view: memoryview, length: int, now_ms: int
    ) -> None: ...

    def on_connected(self, peer: Peer) -> None: ...

    def on_moved(self, peer: Peer) -> None: ...

    def on_gone(self, peer: Peer, reason: str) -> None: ...


class Bench:
    def __init__(self, sock: socket.socket) -> None:
        self.web, self.metrics, self.room = Web(), Metrics(), Notebook()
        context = RelayContext(
            relay="r",
            udp_sender=UdpSender(sock, self.metrics, gso=False),
            certificate=CERTIFICATE,
            metrics=self.metrics,
            clock=lambda: 0,
            later=lambda _delay, act: act(),
            endpoint=Endpoint(("127.0.0.1",), 5004, CERTIFICATE.fingerprint),
            web=self.web,
            max_publishers=13,
        )
        self.peer = Peer(
            OpenPeer("q", "reply", "p", "s", "", False, 0.0, Policy("s", 1)), self.room, context
        )

    def hear(self, rtcp: bytes, now_ms: int = 0) -> None:
        view = memoryview(bytearray(rtcp + bytes(20)))
        self.peer.on_rtcp(view, len(rtcp), now_ms)

    def lose(self, share: float, now_ms: int) -> None:
        block = ReportBlock(SLOT, round(share * 256), 0, highest=now_ms, jitter=0)
        self.hear(encode_receiver_report(THEIRS, [block]), now_ms)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_socket("127.0.0.1", 0) as sock:
        yield Bench(sock)


def test_it_passes_on_what_is_missing(bench: Bench) -> None:
    bench.hear(encode_nack(THEIRS, SLOT, [5, 6, 9]))
    assert bench.room.said == [("nack", [5, 6, 9])]


def test_it_bounds_what_a_few_bytes_can_ask_for(bench: Bench) -> None:
    bench.hear(encode_nack(THEIRS, SLOT, list(range(1000))))
    assert len(bench.room.said[0][1]) == RetransmissionBudget.BURST
    assert bench.metrics.drops[Drop.NACK_LIMIT] == 1000 - RetransmissionBudget.BURST


def test_it_passes_on_one_wish_for_a_key_frame_at_a_time(bench: Bench) -> None:
    for now_ms in (0, 1, PLI_INTERVAL_MS - 1):
        bench.hear(encode_pli(THEIRS, SLOT), now_ms)
        bench.hear(wrap(206, 4, struct.pack("!IIII", THEIRS, 0, SLOT, 1 << 24)), now_ms)
    assert bench.room.said == [("key frame", SLOT)]
    bench.hear(encode_pli(THEIRS, SLOT), PLI_INTERVAL_MS)
    assert len(bench.room.said) == 2


def test_it_counts_feedback_that_is_cut_short(bench: Bench) -> None:
    bench.hear(encode_nack(THEIRS, SLOT, [1])[:-2])
    assert bench.metrics.drops[Drop.RTCP_MALFORMED] == 1
    assert bench.room.said == []


def test_it_pauses_pictures_before_sound_and_says_so(bench: Bench) -> None:
    for now_ms in range(0, 2 * PAUSE_MS, 500):
        bench.lose(0.4, now_ms)
    levels = [
        message["level"] for _, message in bench.web.heard if message["type"] == "relay.health"
    ]
    assert levels == ["poor", "audio_only"]
    assert bench.room.said == [("lossy", True), ("video", False)]


def test_it_pauses_pictures_of_who_has_so_much_repeated(bench: Bench) -> None:
    """Without RTX a repetition has the number of what was lost, and reports show no loss."""
    for now_ms in range(0, 2 * PAUSE_MS, 500):
        numbers = [(now_ms + 3 * i) & 0xFFFF for i in range(150)]
        bench.peer.on_retransmitted(SLOT, numbers)
        bench.lose(0.0, now_ms)
    levels = [
        message["level"] for _, message in bench.web.heard if message["type"] == "relay.health"
    ]
    assert levels == ["poor", "audio_only"]


def test_it_keeps_the_picture_of_a_listener_whose_speaker_loses_packets(bench: Bench) -> None:
    bench.room.unsent = 200  # Of the 500 numbers that each report speaks of.
    for now_ms in range(0, 2 * PAUSE_MS, 500):
        bench.lose(0.4, now_ms)
    assert bench.web.heard == []


def test_it_tells_a_speaker_once_that_what_they_send_arrives_badly(bench: Bench) -> None:
    bench.peer.check_sending()
    assert bench.web.heard == [], "A listener sends nothing."
    bench.peer.publisher = Publisher("alice", 9, bench.metrics)
    health = bench.peer.publisher.feedback.health
    for second in range(10):
        health.on_totals(100 * second, 30 * second, 1000 * second)
        bench.peer.check_sending()
    health.on_silence()
    bench.peer.check_sending()
    told = [message for _, message in bench.web.heard if message["type"] == "relay.health"]
    assert [(message["level"], message["sending"]) for message in told] == [
        ("good", "poor"),
        ("good", "good"),
    ]


def test_it_does_not_listen_to_reports_about_other_streams(bench: Bench) -> None:
    for now_ms in range(0, 2 * PAUSE_MS, 500):
        bench.hear(
            encode_receiver_report(THEIRS, [ReportBlock(SLOT + 1, 255, 0, now_ms, 0)]), now_ms
        )
    assert bench.web.heard == []


def test_it_stops_pictures_for_a_page_that_does_not_want_them(bench: Bench) -> None:
    bench.peer.set_video(False)
    bench.peer.set_video(False)
    bench.peer.set_video(True)
    assert bench.room.said == [("video", False), ("video", True)]


def test_it_takes_no_sound_from_somebody_without_a_seat(bench: Bench) -> None:
    packet = memoryview(bytearray(b"\x80\x6f" + bytes(30)))
    assert not bench.peer.admits_rtp(packet, len(packet), 0)
    assert bench.metrics.drops[Drop.RTP_NOT_ALLOWED] == 1
