"""Frames as one message, newcomers, pauses, retransmissions, with a fan-out that writes down."""

import struct
from collections.abc import Callable
from typing import cast

import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.slot import Slot
from media_relay.forwarding.track import Track
from media_relay.metrics import Metrics
from media_relay.rooms.stream import SharedStream, equalise
from media_relay.rtp.packet import payload_range, sequence_number
from media_relay.transport import fanout
from media_relay.transport.udp_sender import SEGMENTS, UdpSender, open_socket

KEY, DELTA = 0x00, 0x01  # The inverse key-frame flag of VP8.


class Notes:
    """Stands where `Fanout` does and keeps what it is given."""

    def __init__(self, _udp_sender: object) -> None:
        self.members: set[object] = set()
        self.sent: list[tuple[bytes, ...]] = []

    def __contains__(self, member: object) -> bool:
        return member in self.members

    def __len__(self) -> int:
        return len(self.members)

    def add(self, member: object) -> None:
        self.members.add(member)

    def discard(self, member: object) -> None:
        self.members.discard(member)

    def send(self, packets: tuple[bytes, ...]) -> None:
        self.sent.append(tuple(packets))


class Newcomer:
    def __init__(self) -> None:
        self.got: list[bytes] = []

    def send_rtp(self, packet: bytes) -> bool:
        self.got.append(packet)
        return True


class Studio:
    """A camera, or a microphone, and the stream it goes into."""

    def __init__(self, gso: bool, kind: MediaKind = MediaKind.CAMERA) -> None:
        self.later: list[Callable[[], object]] = []
        self.track = Track(kind, 7, "alice")
        slot = Slot(kind, 99, 96, first_sequence=1)
        with open_socket("127.0.0.1", 0) as sock:
            box = UdpSender(sock, Metrics(), gso=gso)
        self.stream = SharedStream(slot, box, lambda _delay, act: self.later.append(act))
        slot.point_to(self.track, 0)
        self.sequence = 0

    def film(self, kind: int, *sizes: int, marker: bool = True, now_ms: int = 0) -> None:
        for i, size in enumerate(sizes):
            self.sequence += 1
            mark = 0x80 if marker and i == len(sizes) - 1 else 0
            head = struct.pack(
                "!BBHII", 0x80, mark | 96, self.sequence, self.sequence // 10 * 3000, 7
            )
            first = b"\x90\x80\x80\x01" if i == 0 else b"\x80\x80\x80\x01"
            packet = bytearray(head + first + bytes([kind]) + bytes(size) + b"\0")
            length = self.track.on_rtp(memoryview(packet), len(packet) - 1, now_ms)
            self.stream.accept(self.track, memoryview(packet), length, now_ms)

    def speak(self) -> None:
        self.sequence += 1
        packet = bytearray(
            struct.pack("!BBHII", 0x80, 111, self.sequence, self.sequence * 960, 7) + bytes(81)
        )
        length = self.track.on_rtp(memoryview(packet), len(packet) - 1, 0)
        self.stream.accept(self.track, memoryview(packet), length, 0)

    @property
    def sent(self) -> list[tuple[bytes, ...]]:
        return self.notes.sent

    @property
    def notes(self) -> Notes:
        return cast("Notes", self.stream.listeners)


@pytest.fixture(autouse=True)
def notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media_relay.rooms.stream.Fanout", Notes)


@pytest.fixture
def studio() -> Studio:
    return Studio(gso=True)


def test_it_sends_a_frame_as_one_message_at_its_marker(studio: Studio) -> None:
    studio.film(KEY, 500, 501, 500)
    assert [len(message) for message in studio.sent] == [3]
    assert [len(packet) for packet in studio.sent[0]] == [518, 518, 517]


def test_it_sends_packet_by_packet_where_there_is_no_gso() -> None:
    studio = Studio(gso=False)
    studio.film(KEY, 500, 501)
    assert [len(message) for message in studio.sent] == [1, 1]


def test_it_remembers_a_packet_as_it_went_out(studio: Studio) -> None:
    """The same number with other bytes under one key would give AES-GCM away."""
    studio.film(KEY, 500, 501)
    for packet in studio.sent[0]:
        assert studio.stream.slot.history.get(sequence_number(packet)) == packet


def test_it_waits_for_the_rest_of_a_frame_only_so_long(studio: Studio) -> None:
    studio.film(KEY, 500, marker=False)
    assert studio.sent == []
    studio.later[0]()
    assert len(studio.sent) == 1
    studio.later[0]()
    assert len(studio.sent) == 1


def test_it_sends_a_long_frame_in_several_messages(studio: Studio) -> None:
    studio.film(KEY, *[900] * (SEGMENTS + 2))
    assert [len(message) for message in studio.sent] == [SEGMENTS, 2]


def test_it_does_not_pad_what_differs_much(studio: Studio) -> None:
    studio.film(KEY, 1000, 100, 1000)
    assert [len(message) for message in studio.sent] == [1, 1, 1]


def test_it_gives_a_newcomer_the_picture_from_its_key_frame_on(studio: Studio) -> None:
    studio.film(KEY, 500, 500)
    studio.film(DELTA, 300, marker=False)
    bob = Newcomer()
    studio.stream.join(bob, 100)  # type: ignore[arg-type]  # Without keys and address.
    assert [sequence_number(packet) for packet in bob.got] == [1, 2, 3]
    assert studio.sent[-1][0] == bob.got[-1], (
        "What was held is sent before anybody sees the history."
    )


def test_it_asks_for_a_key_frame_when_the_last_one_is_old(studio: Studio) -> None:
    studio.film(KEY, 500)
    studio.track.key_frames.on_key_frame()
    bob = Newcomer()
    studio.stream.join(bob, 60_000)  # type: ignore[arg-type]
    assert bob.got == []
    assert studio.track.key_frames.wanted


def test_it_keeps_a_newcomer_waiting_right_before_the_numbers_wrap(studio: Studio) -> None:
    """Who lost the packets before the wrap would count SRTP's rollovers wrong for good (RFC 3711
    §3.3.1).
    """
    studio.stream.slot._numbers.highest = 0xFFFF - 10  # type: ignore[attr-defined]
    bob = Newcomer()
    studio.stream.join(bob, 0)  # type: ignore[arg-type]
    assert bob not in studio.notes
    studio.stream.slot._numbers.highest = 0x1_0000  # type: ignore[attr-defined]
    studio.stream.tick(0)
    assert bob in studio.notes


def test_it_keeps_the_paused_in_step_with_padding(studio: Studio) -> None:
    bob = Newcomer()
    studio.stream.join(bob, 0)  # type: ignore[arg-type]
    studio.stream.pause(bob)  # type: ignore[arg-type]
    studio.film(KEY, *[20] * 9)
    for _ in range(300):
        studio.film(DELTA, *[20] * 9)
        studio.stream.tick(0)
    paused = studio.stream.paused.sent  # type: ignore[attr-defined]
    assert len(paused) == 1
    start, end = payload_range(paused[0][0], len(paused[0][0]))
    assert start == end


def test_it_repeats_nothing_for_those_who_do_not_get_it(studio: Studio) -> None:
    studio.film(KEY, 500)
    bob = Newcomer()
    assert studio.stream.find(bob, [1]) == []  # type: ignore[arg-type]
    studio.stream.join(bob, 0)  # type: ignore[arg-type]
    found = studio.stream.find(bob, [1, 2])  # type: ignore[arg-type]
    assert [sequence_number(packet) for packet in found] == [1]


def test_it_sends_a_voice_twice_to_who_loses_some() -> None:
    studio = Studio(gso=True, kind=MediaKind.MICROPHONE)
    bob, carol = Newcomer(), Newcomer()
    for member in (bob, carol):
        studio.stream.join(member, 0)  # type: ignore[arg-type]
    studio.stream.start_doubling(bob)  # type: ignore[arg-type]
    studio.speak()
    doubled = cast("Notes", studio.stream.doubled)
    assert (len(studio.sent), doubled.sent) == (1, []), "The second copy comes later."
    studio.later.pop()()
    assert doubled.sent == studio.sent, "One number, one content."
    assert doubled.members == {bob}
    studio.stream.stop_doubling(bob)  # type: ignore[arg-type]
    studio.speak()
    assert studio.later == []


def test_it_does_not_double_pictures_nor_who_is_not_there(studio: Studio) -> None:
    bob = Newcomer()
    studio.stream.join(bob, 0)  # type: ignore[arg-type]
    studio.stream.start_doubling(bob)  # type: ignore[arg-type]
    assert bob not in studio.stream.doubled  # type: ignore[operator]
    voice = Studio(gso=True, kind=MediaKind.MICROPHONE).stream
    voice.start_doubling(bob)  # type: ignore[arg-type]
    assert bob not in voice.doubled  # type: ignore[operator]


def test_it_lets_go_of_who_leaves(studio: Studio) -> None:
    """The keys of a peer are freed when it goes; nothing may send with them."""
    voice, bob = Studio(gso=True, kind=MediaKind.MICROPHONE).stream, Newcomer()
    voice.join(bob, 0)  # type: ignore[arg-type]
    voice.start_doubling(bob)  # type: ignore[arg-type]
    voice.leave(bob)  # type: ignore[arg-type]
    assert bob not in voice.doubled  # type: ignore[operator]
    assert bob not in voice.listeners  # type: ignore[operator]


def test_it_shows_each_finished_packet_to_its_tap_once(studio: Studio) -> None:
    seen: list[bytes] = []
    studio.stream.tap = seen.append
    studio.film(KEY, 500, 501)
    assert tuple(seen) == studio.sent[0]


def test_it_leaves_a_single_packet_as_it_is() -> None:
    assert equalise([b"one"]) == (b"one",)


def test_it_is_the_fan_out_s_interface_that_notes_stands_for() -> None:
    for name in ("add", "discard", "send", "__contains__", "__len__"):
        assert hasattr(fanout.Fanout, name)
