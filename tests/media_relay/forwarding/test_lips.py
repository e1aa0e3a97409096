"""Sender reports of outgoing streams: what keeps lips and sound together."""

import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.rewriter import StreamRewriter
from media_relay.rtcp.clocks import SenderClock, ntp_from_ms
from tests.media_relay.forwarding.publisher import Publisher, Sent, forward
from tests.media_relay.forwarding.streams import audio, play, report, video


def test_it_reports_nothing_before_the_first_packet_and_counts_after() -> None:
    stream, ayu = audio(), Publisher("ayu")
    assert stream.sender_report(0) is None
    stream.point_to(ayu.track, 0)
    assert stream.sender_report(0) is None
    sent = play(stream, ayu, 5, 1000)
    got = report(stream, 1080)
    assert (got.ssrc, got.packets, got.octets) == (5000, 5, 5 * len(b"\xfcsound"))
    assert (got.ntp, got.timestamp_rtp) == (ntp_from_ms(1080), sent[-1].timestamp)


def lip_offset_ms(
    sound: StreamRewriter, picture: StreamRewriter, heard: Sent, seen: Sent, now_ms: int
) -> float:
    """Return how much later a receiver plays `heard` than `seen`, by the two sender reports."""
    one, two = report(sound, now_ms), report(picture, now_ms + 7)
    heard_ms = now_ms + (heard.timestamp - one.timestamp_rtp) / 48
    seen_ms = now_ms + 7 + (seen.timestamp - two.timestamp_rtp) / 90
    return heard_ms - seen_ms


@pytest.mark.parametrize("camera_delay_ms", [0, 60, 180])
def test_it_keeps_lips_in_sync_through_a_switch(camera_delay_ms: int) -> None:
    """Sound and picture captured at one moment arrive `camera_delay_ms` apart and must be played
    together.
    """
    sound, picture = audio(), video()
    for index, user in enumerate(("ayu", "hana", "ayu again")):
        clock, began = SenderClock(), 10_000 + index * 3000
        microphone = Publisher(user, clock=clock, timestamp=123_456 * index)
        lens = Publisher(
            user + " camera",
            MediaKind.CAMERA,
            clock=clock,
            timestamp=999_999 * index,
            sequence=40_000,
        )
        # The publisher's own wall clock, and both reports about the same moment of it.
        for publisher in (microphone, lens):
            publisher.track.on_sender_report(
                ntp_from_ms(5e11 + began - 20), publisher.timestamp, began
            )
        sound.point_to(microphone.track, began)
        picture.point_to(lens.track, began)
        for step in range(1, 20):
            heard = forward(sound, microphone, microphone.frame(20 * 48)[0], began + 20 * step)
            seen = forward(
                picture, lens, lens.frame(20 * 90, key=True)[0], began + 20 * step + camera_delay_ms
            )
            assert heard is not None
            assert seen is not None
            if step > 12:
                offset = lip_offset_ms(
                    sound, picture, heard, seen, began + 20 * step + camera_delay_ms
                )
                assert abs(offset) < 1.0
