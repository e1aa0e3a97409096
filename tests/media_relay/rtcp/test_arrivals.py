from media_relay.rtcp.arrivals import INTERVAL_MS, MAX_SPAN, ArrivalLog
from media_relay.rtcp.packets import parse
from media_relay.rtcp.transport_feedback import TransportFeedback


def due(log: ArrivalLog, now_ms: int) -> TransportFeedback | None:
    data = log.due(now_ms)
    if data is None:
        return None
    parsed = parse(data)[0]
    assert isinstance(parsed, TransportFeedback)
    return parsed


def times_ms(feedback: TransportFeedback) -> dict[int, float]:
    """Return the arrival times a sender reads from a report."""
    at, times = feedback.reference * 64.0, {}
    for index, delta in enumerate(feedback.arrivals):
        if delta is not None:
            at += delta / 4
            times[(feedback.base + index) & 0xFFFF] = at
    return times


def test_it_reports_when_each_packet_came_and_which_did_not() -> None:
    log = ArrivalLog(1)
    for sequence, now in [(65_534, 1000), (65_535, 1003), (1, 1020), (0, 1021), (4, 1030)]:
        log.on_packet(sequence, 7, now)
    feedback = due(log, 1040)
    assert feedback is not None
    assert (feedback.sender, feedback.media, feedback.base, feedback.count) == (1, 7, 65_534, 0)
    assert times_ms(feedback) == {65_534: 1000, 65_535: 1003, 0: 1021, 1: 1020, 4: 1030}
    assert feedback.arrivals[4:6] == (None, None)


def test_it_reports_now_and_then_and_counts_its_reports() -> None:
    log = ArrivalLog(1)
    assert log.due(0) is None
    log.on_packet(1, 7, 0)
    assert due(log, 0) is not None
    log.on_packet(2, 7, 10)
    assert log.due(INTERVAL_MS - 1) is None
    second = due(log, INTERVAL_MS)
    assert second is not None
    assert (second.base, second.count) == (2, 1)
    assert log.due(10_000) is None


def test_it_reports_a_gap_between_two_reports_as_lost() -> None:
    log = ArrivalLog(1)
    log.on_packet(1, 7, 0)
    log.due(0)
    log.on_packet(4, 7, 60)
    feedback = due(log, 60)
    assert feedback is not None
    assert (feedback.base, len(feedback.arrivals)) == (2, 3)


def test_it_takes_no_second_word_on_a_packet_it_has_reported() -> None:
    log = ArrivalLog(1)
    log.on_packet(5, 7, 0)
    log.due(0)
    log.on_packet(4, 7, 1)
    log.on_packet(5, 7, 1)
    assert log.due(100) is None


def test_it_stays_bounded_whatever_numbers_come() -> None:
    log = ArrivalLog(1)
    for index in range(5000):
        log.on_packet(index * 13 & 0xFFFF, 7, 1000)
    feedback = due(log, 1000)
    assert feedback is not None
    assert len(feedback.arrivals) <= MAX_SPAN
