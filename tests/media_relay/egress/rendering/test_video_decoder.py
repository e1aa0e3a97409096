import av
import pytest

from media_relay.egress.rendering.capture_clock import SlotCaptureClock
from media_relay.egress.rendering.log_summary import Moment
from media_relay.egress.rendering.video_decoder import VideoDecoder, descriptor_bytes
from media_relay.egress.slot_map import VIDEO
from tests.media_relay.egress.studio import Coder, Rtp

SHOWN = [Moment(0, (None, None, None, "alice", None), None)]


def shown(lost: set[int], keys: set[int], count: int = 30) -> list[int]:
    """Return which pictures are shown when the packets of some are lost."""
    seen: list[int] = []

    def show(_picture: av.VideoFrame, user: str, captured_us: float) -> None:
        assert user == "alice"
        seen.append(round(captured_us / 33_000))

    film, stream, coder = (
        VideoDecoder(VIDEO, SlotCaptureClock([], SHOWN), show),
        Rtp(9, 96),
        Coder(640, 360),
    )
    for index in range(count):
        packets = stream.picture(
            coder.frame((index * 8, 90, 90), key=index in keys), index * 3000, index
        )
        for packet in packets if index not in lost else packets[1:]:
            film.put(packet, index * 33_000)
    film.finish()
    return seen


def test_it_shows_every_picture_of_a_whole_stream() -> None:
    assert shown(set(), {0}) == list(range(30))


def test_it_waits_for_a_key_frame_after_a_loss() -> None:
    seen = shown({10}, {0, 20})
    assert set(range(10)) <= set(seen)
    assert set(seen) & set(range(10, 20)) == set()
    assert set(range(20, 30)) <= set(seen)


def test_it_shows_nothing_before_the_first_key_frame() -> None:
    assert shown({0}, {0, 12})[0] >= 12


@pytest.mark.parametrize(
    ("descriptor", "size"),
    [
        (b"\x10", 1),
        (b"\x90\x80\x05", 3),
        (b"\x90\x80\x80\x05", 4),
        (b"\x90\xe0\x80\x05\x01\x02", 6),
        (b"\x90\x40\x07", 3),
        (b"\x80\x30\x07", 3),
    ],
)
def test_it_knows_where_the_picture_begins(descriptor: bytes, size: int) -> None:
    assert descriptor_bytes(b"head" + descriptor + b"picture", 4) == size
