"""The streams of somebody on stage, or with a pin: whose sound and picture goes into them, and what
a pause does.
"""

import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.slot import Slot
from media_relay.forwarding.track import Track
from media_relay.protocol.relay import Assignment
from media_relay.rooms.personal import VIDEO, PersonalStreams, point_streams, visible_assignment
from media_relay.rtp.packet import sequence_number
from media_relay.signalling.codecs import PAYLOAD_TYPES
from media_relay.signalling.offer import SLOT_KINDS
from tests.media_relay.forwarding.publisher import Publisher
from tests.media_relay.rtp.build import buffer

ASSIGNED = Assignment(audio=("ayu", None, None), video="ayu")


class Seat:
    """One person's streams, and Ayu, who talks and films."""

    def __init__(self) -> None:
        self.own = PersonalStreams(
            Slot(kind, 10 + i, PAYLOAD_TYPES[kind]) for i, kind in enumerate(SLOT_KINDS)
        )
        self.voice, self.camera = Publisher("ayu"), Publisher("ayu", MediaKind.CAMERA, per_frame=2)
        self.got: list[bytes] = []
        point_streams(self.own.streams, ASSIGNED, self._find, 0)

    def _find(self, user: str | None, kind: MediaKind) -> Track | None:
        return (
            {MediaKind.MICROPHONE: self.voice.track, MediaKind.CAMERA: self.camera.track}.get(kind)
            if user
            else None
        )

    def talk(self) -> list[bytes]:
        return self._send(self.voice, self.voice.frame())

    def film(self, *, key: bool = False) -> list[bytes]:
        return self._send(self.camera, self.camera.frame(key=key))

    def _send(self, publisher: Publisher, packets: list[bytes]) -> list[bytes]:
        """Let packets arrive and return what this person gets of them."""
        got: list[bytes] = []

        def send(sent: bytes) -> bool:
            got.append(sent)
            return True

        for packet in packets:
            view = memoryview(buffer(packet))
            length = publisher.track.on_rtp(view, len(packet), 0)
            self.own.accept(publisher.track, view, length, 0, send)
        return got


@pytest.fixture
def seat() -> Seat:
    return Seat()


def test_it_sends_the_voice_and_the_picture_it_is_pointed_to(seat: Seat) -> None:
    assert len(seat.talk()) == 1
    assert len(seat.film(key=True)) == 2


def test_it_sends_no_picture_while_paused_but_every_voice(seat: Seat) -> None:
    seat.film(key=True)
    seat.own.pause_video()
    assert seat.film() == []
    assert len(seat.talk()) == 1


def test_it_leaves_no_gap_to_ask_for_after_a_short_pause(seat: Seat) -> None:
    before = seat.film(key=True)
    seat.own.pause_video()
    seat.film()
    seat.own.resume_video()
    assert seat.camera.track.key_frames.wanted
    assert seat.film() == [], "Without its key frame a picture cannot be shown."
    after = seat.film(key=True)
    numbers = [sequence_number(packet) for packet in before + after]
    assert numbers == list(range(numbers[0], numbers[0] + 4))


def test_it_names_the_picture_that_really_goes_out(seat: Seat) -> None:
    assert visible_assignment(seat.own.streams, ASSIGNED).video is None, (
        "No key frame has come yet."
    )
    seat.film(key=True)
    assert visible_assignment(seat.own.streams, ASSIGNED).video == "ayu"


def test_it_sends_nothing_more_of_what_has_ended(seat: Seat) -> None:
    seat.film(key=True)
    seat.own.forget(seat.camera.track)
    assert seat.film() == []
    assert seat.own.find(seat.own.streams[VIDEO].ssrc) is seat.own.streams[VIDEO]
    assert seat.own.find(99) is None
