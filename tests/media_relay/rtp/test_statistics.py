from media_relay.rtp.statistics import ReceiverStatistics


def feed(numbers: list[int], statistics: ReceiverStatistics | None = None) -> ReceiverStatistics:
    statistics = statistics or ReceiverStatistics(48_000)
    for number in numbers:
        statistics.on_packet(number, number * 960, number * 20)
    return statistics


def test_it_knows_nothing_before_the_first_packet() -> None:
    statistics = ReceiverStatistics(48_000)
    assert (statistics.expected, statistics.lost, statistics.jitter, statistics.highest) == (
        0,
        0,
        0,
        0,
    )
    assert statistics.take_fraction_lost() == 0


def test_it_counts_loss_as_the_rfc_does() -> None:
    statistics = feed([10, 11, 13, 14, 17, 18, 19])
    assert statistics.expected == 10
    assert statistics.lost == 3
    assert statistics.take_fraction_lost() == 3 * 256 // 10
    assert statistics.take_fraction_lost() == 0


def test_it_reports_the_fraction_of_each_interval_apart() -> None:
    statistics = feed([0, 1, 2, 3])
    assert statistics.take_fraction_lost() == 0
    feed([5, 7], statistics)
    assert statistics.take_fraction_lost() == 128


def test_it_makes_up_for_a_late_packet() -> None:
    statistics = feed([1, 2, 4, 3])
    assert statistics.lost == 0
    assert statistics.highest == 4


def test_it_measures_no_jitter_on_an_even_path() -> None:
    assert feed(list(range(50))).jitter == 0


def test_it_measures_jitter_on_an_uneven_path() -> None:
    statistics = ReceiverStatistics(48_000)
    for number in range(200):
        statistics.on_packet(number, number * 960, number * 20 + (5 if number % 2 else 0))
    assert 4 * 48 < statistics.jitter <= 5.1 * 48  # Every difference is 5 ms.


def test_it_measures_no_jitter_within_a_video_frame() -> None:
    statistics = ReceiverStatistics(90_000)
    for number in range(100):
        frame = number // 5
        statistics.on_packet(number, frame * 3000, frame * 33 + frame // 3 + number % 5)
    assert statistics.jitter < 90


def test_it_keeps_earlier_losses_over_a_restart_and_adds_none() -> None:
    statistics = feed([1, 2, 4])
    statistics.restart(50_000)
    feed([50_000, 50_001], statistics)
    assert statistics.lost == 1
    assert statistics.take_fraction_lost() == 256 // 6
    assert statistics.highest == 50_001
