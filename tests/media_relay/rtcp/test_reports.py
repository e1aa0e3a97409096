import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import Track
from media_relay.rtcp.clocks import middle_32, ntp_from_ms
from media_relay.rtcp.packets import ReportBlock
from media_relay.rtcp.reports import report_block, round_trip_ms
from tests.media_relay.rtp.build import buffer, rtp


def track(sequences: list[int]) -> Track:
    made = Track(MediaKind.MICROPHONE, 7, "ayu")
    for index, sequence in enumerate(sequences):
        data = rtp(sequence, sequence * 960)
        made.on_rtp(buffer(data), len(data), index * 20)
    return made


def test_it_reports_loss_and_the_highest_number() -> None:
    block = report_block(track([65_534, 65_535, 1, 2]), 100)
    assert (block.ssrc, block.packets_lost, block.fraction_lost) == (7, 1, 256 // 5)
    assert block.highest == 65_536 + 2  # One cycle, as the publisher counts.


def test_it_reports_how_long_ago_the_last_sender_report_came() -> None:
    inbound = track([1])
    assert (report_block(inbound, 100).lsr, report_block(inbound, 100).dlsr) == (0, 0)
    inbound.on_sender_report(0x1122334455667788, 0, 1000)
    block = report_block(inbound, 1500)
    assert (block.lsr, block.dlsr) == (0x33445566, 32_768)


@pytest.mark.parametrize(
    ("away_ms", "held_ms", "expected"), [(130, 50, 80), (50, 50, 0), (40, 50, 0)]
)
def test_it_measures_the_round_trip(away_ms: int, held_ms: int, expected: int) -> None:
    block = ReportBlock(1, 0, 0, 0, 0, middle_32(ntp_from_ms(5000)), held_ms * 65_536 // 1000)
    measured = round_trip_ms(block, ntp_from_ms(5000 + away_ms))
    assert measured == pytest.approx(expected, abs=1)


def test_it_measures_nothing_before_a_report_was_answered() -> None:
    assert round_trip_ms(ReportBlock(1, 0, 0, 0, 0), ntp_from_ms(5000)) is None
