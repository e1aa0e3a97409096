import pytest

from media_relay.protocol.relay import PathQuality
from media_relay.rtcp.sending_health import GOOD_MS, POOR_MS, SendingHealth


class Path:
    """A speaker whose packets are counted once a second."""

    def __init__(self) -> None:
        self.health = SendingHealth()
        self.now_s = self.expected = self.lost = 0

    def go_on(self, loss: float, seconds: int, packets: int = 100) -> list[PathQuality]:
        return [self._second(loss, packets) for _ in range(seconds)]

    def _second(self, loss: float, packets: int) -> PathQuality:
        self.now_s += 1
        self.expected += packets
        self.lost += round(loss * packets)
        self.health.on_totals(self.expected, self.lost, self.now_s * 1000)
        return self.health.quality


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (0.0, PathQuality.GOOD),
        (0.03, PathQuality.GOOD),
        (0.05, PathQuality.GOOD),
        (0.07, PathQuality.POOR),
        (0.3, PathQuality.POOR),
        (1.0, PathQuality.POOR),
    ],
)
def test_it_settles_by_the_loss(loss: float, expected: PathQuality) -> None:
    assert Path().go_on(loss, 20)[-1] is expected


def test_it_tells_after_three_seconds_and_not_before() -> None:
    levels = Path().go_on(0.3, 8)
    told_after_s = levels.index(PathQuality.POOR)  # The first totals only begin the counting.
    assert POOR_MS <= told_after_s * 1000 <= POOR_MS + 1000


def test_it_forgives_a_single_bad_second() -> None:
    path = Path()
    path.go_on(0.0, 5)
    path.go_on(0.5, 1)
    assert PathQuality.POOR not in path.go_on(0.0, 10)


def test_it_takes_it_back_when_the_path_has_been_good_for_a_while() -> None:
    path = Path()
    path.go_on(0.3, 10)
    levels = path.go_on(0.0, 20)
    assert levels[GOOD_MS // 1000 - 1] is PathQuality.POOR
    assert levels[-1] is PathQuality.GOOD


@pytest.mark.parametrize("loss", [0.03, 0.04, 0.05])
def test_it_does_not_come_and_go_between_the_two_marks(loss: float) -> None:
    poor, good = Path(), Path()
    poor.go_on(0.3, 10)
    assert set(poor.go_on(loss, 30)) == {PathQuality.POOR}
    assert set(good.go_on(loss, 30)) == {PathQuality.GOOD}


def test_it_does_not_judge_by_a_few_packets_of_silence() -> None:
    """In pauses Opus sends two or three packets a second (DTX); one of them lost is no bad path."""
    path = Path()
    path.go_on(0.0, 5)
    assert PathQuality.POOR not in path.go_on(0.5, 2, packets=2)


def test_it_knows_nothing_of_who_sends_nothing() -> None:
    path = Path()
    path.go_on(0.3, 10)
    path.health.on_silence()
    assert path.health.quality is PathQuality.GOOD
    assert path.go_on(0.0, 3) == [PathQuality.GOOD] * 3


def test_it_begins_a_new_interval_when_a_track_has_ended() -> None:
    path = Path()
    path.go_on(0.02, 10)
    path.expected, path.lost = 50, 40  # What the other track has counted in its life.
    assert set(path.go_on(0.0, 10)) == {PathQuality.GOOD}
    assert path.health.loss == pytest.approx(0.0, abs=0.02)


def test_it_takes_duplicates_for_no_gain() -> None:
    path = Path()
    path.go_on(-0.5, 5)
    assert path.health.loss == 0.0
