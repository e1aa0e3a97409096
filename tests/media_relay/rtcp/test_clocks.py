import pytest

from media_relay.rtcp.clocks import CaptureClock, SenderClock, middle_32, ms_from_ntp, ntp_from_ms

WALL_MS = 4_000_000_000_000  # The publisher's own clock is anywhere.


def test_it_converts_milliseconds_and_ntp_both_ways() -> None:
    assert ntp_from_ms(1500) == (1 << 32) + (1 << 31)
    assert ms_from_ntp(ntp_from_ms(123_456)) == pytest.approx(123_456, abs=0.001)
    assert middle_32(0x1122334455667788) == 0x33445566


def test_it_knows_nothing_before_the_first_packet() -> None:
    assert CaptureClock(48_000, SenderClock()).capture_ms(5, 77) == 77


def test_it_goes_by_the_quickest_arrivals_before_a_report() -> None:
    clock = CaptureClock(48_000, SenderClock())
    for index, delay in enumerate([30, 5, 40, 20, 35]):
        clock.on_packet(index * 960, 1000 + index * 20 + delay)
    assert clock.capture_ms(5 * 960, 1120) == pytest.approx(1105, abs=1)


def test_it_goes_by_the_report_once_there_is_one() -> None:
    clock = CaptureClock(90_000, SenderClock())
    clock.on_packet(0, 1000)
    clock.on_sender_report(ntp_from_ms(WALL_MS), 90_000, 2030)  # 30 ms on the way.
    clock.on_packet(180_000, 2900)  # Late, as if captured later than the report says.
    assert clock.capture_ms(180_000, 3100) == pytest.approx(3030, abs=0.1)


def test_it_takes_the_quickest_of_the_reports_for_the_offset() -> None:
    sender = SenderClock()
    for index, delay in enumerate([80, 20, 50]):
        sender.on_sender_report(ntp_from_ms(WALL_MS + index * 1000), 1000 + index * 1000 + delay)
    assert sender.offset_ms == pytest.approx(1020 - WALL_MS, abs=0.01)


def test_it_begins_anew_when_the_publishers_clock_was_set() -> None:
    sender = SenderClock()
    sender.on_sender_report(ntp_from_ms(WALL_MS), 1000)
    sender.on_sender_report(ntp_from_ms(WALL_MS - 3_600_000), 2000)
    assert sender.offset_ms == pytest.approx(2000 - WALL_MS + 3_600_000, abs=0.01)


def test_it_places_two_tracks_of_one_publisher_on_one_line() -> None:
    sender = SenderClock()
    sound, picture = CaptureClock(48_000, sender), CaptureClock(90_000, sender)
    sound.on_sender_report(ntp_from_ms(WALL_MS), 0, 1050)
    # The same moment plus half a second.
    picture.on_sender_report(ntp_from_ms(WALL_MS + 500), 777, 1520)
    assert sound.capture_ms(48_000, 2100) == pytest.approx(2020, abs=0.1)
    assert picture.capture_ms(777 + 45_000, 2100) == pytest.approx(2020, abs=0.1)


@pytest.mark.parametrize("lie", [10_000_000, 0x7FFF_0000])
def test_it_does_not_believe_an_absurd_capture_time(lie: int) -> None:
    clock = CaptureClock(48_000, SenderClock())
    clock.on_sender_report(ntp_from_ms(WALL_MS), 0, 1000)
    assert clock.capture_ms(lie, 1500) == 1500


def test_it_ignores_a_report_without_a_clock() -> None:
    clock = CaptureClock(48_000, SenderClock())
    clock.on_packet(0, 1000)
    clock.on_sender_report(0, 960, 1020)
    assert clock.capture_ms(960, 1030) == pytest.approx(1020)


def test_it_follows_a_jump_of_the_timestamps_before_a_report() -> None:
    clock = CaptureClock(48_000, SenderClock())
    clock.on_packet(0, 1000)
    clock.on_packet(3_000_000_000, 1020)
    assert clock.capture_ms(3_000_000_960, 1050) == pytest.approx(1040)


def spoken(clock: CaptureClock, timestamp_ms: int, now_ms: int) -> float:
    """Let a packet come; return how much later than the report it is."""
    clock.on_packet(timestamp_ms * 48, now_ms)
    return now_ms - clock.capture_ms(timestamp_ms * 48, now_ms)


def reported(sender: SenderClock) -> CaptureClock:
    """Return a clock whose report and first packet took equally long."""
    clock = CaptureClock(48_000, sender)
    clock.on_sender_report(ntp_from_ms(WALL_MS), 0, 1030)
    assert spoken(clock, 20, 1050) == pytest.approx(0, abs=0.1)
    return clock


def test_it_sees_that_the_timestamps_stood_still_in_a_silence() -> None:
    """What stops sending may go on with the next timestamp; its next report is seconds away."""
    clock = reported(SenderClock())
    assert spoken(clock, 40, 9070) == pytest.approx(0, abs=0.1)
    assert spoken(clock, 60, 9090) == pytest.approx(0, abs=0.1)
    assert spoken(clock, 80, 17_110) == pytest.approx(0, abs=0.1), "Each further stop, too."


def test_it_sees_that_the_timestamps_went_on_in_a_silence() -> None:
    assert spoken(reported(SenderClock()), 8020, 9060) == pytest.approx(10, abs=0.1)


def test_it_goes_by_the_first_report_after_a_silence() -> None:
    clock = reported(SenderClock())
    spoken(clock, 40, 9085)  # Late by 15 ms, of which nothing is known yet.
    clock.on_sender_report(ntp_from_ms(WALL_MS + 8020), 20 * 48, 9095)
    assert spoken(clock, 60, 9090) == pytest.approx(0, abs=0.1)


def test_it_does_not_count_a_stop_twice_when_the_senders_clock_stood_still_too() -> None:
    """One track's report sets the clock of both; the other one's is still on its way."""
    sender = SenderClock()
    sound, picture = reported(sender), reported(sender)
    spoken(sound, 40, 9070)
    spoken(picture, 40, 9070)
    sound.on_sender_report(ntp_from_ms(WALL_MS + 40), 40 * 48, 9070)
    assert spoken(sound, 60, 9090) == pytest.approx(spoken(picture, 60, 9090), abs=0.1)


def test_it_leaves_a_short_pause_to_the_report() -> None:
    """A path that stalls for a moment delivers all at once afterwards."""
    clock = reported(SenderClock())
    assert spoken(clock, 40, 2050) == pytest.approx(980, abs=0.1)
    assert spoken(clock, 1020, 2055) == pytest.approx(5, abs=0.1)
