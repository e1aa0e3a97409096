"""Receiver reports about a publisher's tracks (RFC 3550 §6.4.2).

Sender reports come from the outgoing streams.
"""

from media_relay.forwarding.track import Track
from media_relay.rtcp.clocks import middle_32
from media_relay.rtcp.packets import ReportBlock
from media_relay.rtp.serial import SEQUENCE_CYCLE

UNITS_PER_S = 65_536  # LSR and DLSR count 65536ths of a second.


def report_block(track: Track, now_ms: int) -> ReportBlock:
    """Return what to tell the publisher of this track, and begin its next interval."""
    statistics = track.statistics
    lsr = dlsr = 0  # Both zero: no sender report has come yet.
    if track.last_sender_report is not None:
        ntp, arrived_ms = track.last_sender_report
        lsr = middle_32(ntp)
        dlsr = min((now_ms - arrived_ms) * UNITS_PER_S // 1000, 0xFFFF_FFFF)
    # The unwrapper counts from the second cycle on; the publisher counts its cycles from none.
    highest = max(statistics.highest - SEQUENCE_CYCLE, 0)
    fraction = statistics.take_fraction_lost()
    return ReportBlock(track.ssrc, fraction, statistics.lost, highest, statistics.jitter, lsr, dlsr)


def round_trip_ms(block: ReportBlock, now_ntp: int) -> int | None:
    """Return the round trip that a report about our stream shows.

    None if it answers no sender report yet. `now_ntp` is on the clock that our sender reports
    carry. Source: RFC 3550 §6.4.1, figure 2.
    """
    if block.lsr == 0:
        return None
    units = (middle_32(now_ntp) - block.lsr - block.dlsr) & 0xFFFF_FFFF
    # Clocks that run apart can make a short trip negative; half the circle counts as that.
    return units * 1000 // UNITS_PER_S if units < 1 << 31 else 0
