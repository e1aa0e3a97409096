import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.protocol.relay import PathQuality
from media_relay.rtcp import health
from media_relay.rtcp.health import Health
from media_relay.rtcp.packets import ReportBlock


def run(
    listener: Health, loss: float, from_s: int, seconds: int, rtt_ms: int | None = 50
) -> list[PathQuality]:
    levels = []
    for second in range(from_s, from_s + seconds):
        listener.on_report(
            ReportBlock(1, round(loss * 256), 0, 50 * second, 0),
            MediaKind.CAMERA,
            rtt_ms,
            second * 1000,
        )
        levels.append(listener.quality)
    return levels


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (0.0, PathQuality.GOOD),
        (0.02, PathQuality.GOOD),
        (0.10, PathQuality.POOR),
        (0.30, PathQuality.AUDIO_ONLY),
    ],
)
def test_it_settles_by_the_loss(loss: float, expected: PathQuality) -> None:
    listener = Health()
    run(listener, loss, 0, 20)
    assert listener.quality is expected
    assert listener.wants_video is (expected is not PathQuality.AUDIO_ONLY)


def test_it_forgives_a_single_bad_second() -> None:
    listener = Health()
    run(listener, 0.0, 0, 5)
    run(listener, 0.5, 5, 1)
    levels = run(listener, 0.0, 6, 10)
    assert PathQuality.AUDIO_ONLY not in levels
    assert levels[-1] is PathQuality.GOOD


def test_it_says_when_the_level_changed() -> None:
    listener = Health()
    changes = [
        listener.on_report(
            ReportBlock(1, 26, 0, 50 * second, 0), MediaKind.CAMERA, 50, second * 1000
        )
        for second in range(10)
    ]
    assert changes.count(True) == 1


def test_it_pauses_the_picture_of_a_clogged_path() -> None:
    listener = Health()
    run(listener, 0.0, 0, 6, rtt_ms=health.PAUSE_RTT_MS)
    assert listener.quality is PathQuality.AUDIO_ONLY


def test_it_resumes_by_itself_when_the_path_is_good_again() -> None:
    listener = Health()
    run(listener, 0.3, 0, 10)
    levels = run(listener, 0.0, 10, 30)
    assert levels[5] is PathQuality.AUDIO_ONLY
    assert levels[-1] is PathQuality.GOOD


def test_it_lets_the_picture_come_back_to_a_path_that_retransmission_copes_with() -> None:
    listener = Health()
    run(listener, 0.3, 0, 10)
    assert run(listener, 0.08, 10, 30)[-1] is PathQuality.POOR


def test_it_waits_longer_after_each_resumption_that_failed() -> None:
    listener, waits, now = Health(), [], 0
    for _ in range(4):
        now += until(listener, PathQuality.AUDIO_ONLY, 0.4, now)
        waits.append(until(listener, PathQuality.GOOD, 0.0, now))
        now += waits[-1]
    assert waits == sorted(waits)
    assert waits[3] > 2 * waits[0]


def until(listener: Health, level: PathQuality, loss: float, from_s: int) -> int:
    """Return after how many seconds of this loss the level is reached."""
    seconds = 0
    while listener.quality is not level:
        run(listener, loss, from_s + seconds, 1)
        seconds += 1
    return seconds


def test_it_does_not_let_silent_slots_hide_a_loss_or_make_one() -> None:
    listener = Health()
    for second in range(20):
        listener.on_report(
            ReportBlock(1, 77, 0, 150 * second, 0), MediaKind.CAMERA, 50, second * 1000
        )
        for silent in (2, 3, 4):
            listener.on_report(
                ReportBlock(silent, 0, 0, 7, 0), MediaKind.MICROPHONE, 50, second * 1000
            )
    assert listener.quality is PathQuality.AUDIO_ONLY
    other = Health()
    for second in range(20):
        silence = ReportBlock(1, 128, 0, 2 * second, 0)  # One of two packets of it was lost.
        other.on_report(silence, MediaKind.MICROPHONE, 50, second * 1000)
        other.on_report(ReportBlock(2, 0, 0, 150 * second, 0), MediaKind.CAMERA, 50, second * 1000)
    assert other.quality is PathQuality.GOOD


def test_it_does_not_grow_with_the_streams_a_peer_reports_on() -> None:
    listener = Health()
    for ssrc in range(1000):
        listener.on_report(ReportBlock(ssrc, 255, 0, ssrc, 0), MediaKind.MICROPHONE, 50, 0)
    assert len(listener._streams) == health.MAX_STREAMS


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(0, PathQuality.GOOD), (10, PathQuality.POOR), (30, PathQuality.AUDIO_ONLY)],
)
def test_it_counts_what_retransmission_hides_from_reports(
    asked: int, expected: PathQuality
) -> None:
    """A packet that was sent again has the number of the one that was lost, so a browser reports
    nothing missing.
    """
    listener = Health()
    for second in range(20):
        first = 100 * second
        listener.on_retransmission(1, [(first + 3 * i) & 0xFFFF for i in range(asked)])
        listener.on_report(
            ReportBlock(1, 0, 0, first + 100, 0), MediaKind.CAMERA, 50, second * 1000
        )
    assert listener.quality is expected


def test_it_counts_a_packet_that_is_asked_for_again_once() -> None:
    listener = Health()
    for second in range(20):
        first = 65_000 + 100 * second  # Runs over the wrap.
        for _ in range(8):
            listener.on_retransmission(1, [first & 0xFFFF, (first + 1) & 0xFFFF])
        listener.on_report(
            ReportBlock(1, 0, 0, first + 100, 0), MediaKind.CAMERA, 50, second * 1000
        )
    assert listener.loss == pytest.approx(0.02, abs=0.005)


def test_it_sends_voices_twice_as_long_as_the_path_loses_some() -> None:
    listener, now_s, seen = Health(), 0, []
    for loss, seconds in ((0.01, 10), (0.06, 10), (0.0, 12), (0.0, 15)):
        run(listener, loss, now_s, seconds)
        now_s += seconds
        seen.append(listener.is_lossy)
    assert seen == [False, True, True, False], "A moment without loss is not a good path."


def test_it_sees_through_the_second_copy_of_a_voice() -> None:
    """Of a stream that goes out twice 1 % is missing where the path loses 10 %; the level must not
    go up and down.
    """
    listener, levels = Health(), []
    for second in range(60):
        lost = 0.01 if listener.is_lossy else 0.10
        listener.on_report(
            ReportBlock(1, round(lost * 256), 0, 50 * second, 0),
            MediaKind.MICROPHONE,
            50,
            second * 1000,
        )
        levels.append((listener.quality, listener.is_lossy))
    assert set(levels[5:]) == {(PathQuality.POOR, True)}


def test_it_does_not_blame_the_listener_for_what_the_speaker_lost() -> None:
    listener = Health()
    for second in range(20):
        block = ReportBlock(1, round(0.3 * 256), 0, 50 * second, 0)
        unsent = len(listener.new_numbers(block)) * 3 // 10
        listener.on_report(block, MediaKind.CAMERA, 50, second * 1000, unsent)
    assert listener.quality is PathQuality.GOOD
    assert not listener.is_lossy
