from media_relay.egress.recording.pictures import PictureWatch
from media_relay.egress.slot_map import VIDEO
from tests.media_relay.egress.studio import Rtp


def test_it_asks_for_a_key_frame_when_packets_are_lost_for_good_and_not_too_often() -> None:
    watch, stream = PictureWatch(), Rtp(1, 96)
    packets = [stream.packet(b"\x10\0", 0) for _ in range(100)]
    asked = [
        at
        for at, packet in enumerate(packets)
        if at not in (20, 60) and watch.needs_key_frame(VIDEO, packet, at * 33)
    ]
    assert len(asked) == 2
    assert 20 < asked[0] < 40
    assert 60 < asked[1] < 80


def test_it_follows_another_home_with_lower_numbers() -> None:
    watch = PictureWatch()
    for first, stream in ((0, Rtp(1, 96, sequence=30_000)), (5000, Rtp(2, 96, sequence=10))):
        packets = [stream.packet(b"\x10\0", 0) for _ in range(40)]
        asked = [
            watch.needs_key_frame(VIDEO, packet, first + at * 33)
            for at, packet in enumerate(packets)
            if at != 9
        ]
        assert sum(asked) == 1


def test_it_does_not_ask_for_what_comes_late_or_for_sound() -> None:
    watch, stream = PictureWatch(), Rtp(1, 96)
    packets = [stream.packet(b"\x10\0", 0) for _ in range(50)]
    packets[10], packets[14] = packets[14], packets[10]
    assert not any(
        watch.needs_key_frame(VIDEO, packet, at * 33) for at, packet in enumerate(packets)
    )
    assert not watch.needs_key_frame(0, packets[0], 0)
