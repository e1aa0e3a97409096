from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import SILENT_MS, Track
from media_relay.protocol.relay import PathQuality
from media_relay.rtcp.feedback import PublisherFeedback, RetransmissionBudget
from media_relay.rtcp.packets import Nack, Pli, ReceiverReport, parse
from media_relay.rtcp.remb import Remb
from tests.media_relay.rtp.build import buffer, rtp, vp8_payload


def camera() -> Track:
    return Track(MediaKind.CAMERA, 7, "ayu")


def hear(track: Track, sequence: int, now_ms: int) -> None:
    data = rtp(sequence, now_ms * 90, payload_type=96, payload=vp8_payload(key=sequence == 1))
    track.on_rtp(buffer(data), len(data), now_ms)


def test_it_says_nothing_while_nothing_is_published() -> None:
    feedback = PublisherFeedback(99)
    assert feedback.collect(0) == b""
    feedback.add(camera())
    assert feedback.collect(1000) == b""


def test_it_reports_and_tells_the_bitrate_once_a_second() -> None:
    feedback, track = PublisherFeedback(99), camera()
    feedback.add(track)
    kinds = []
    for now in range(0, 3000, 50):
        hear(track, 1 + now // 50, now)
        kinds.append([type(packet) for packet in parse(feedback.collect(now))])
    assert [kind for kind in kinds if kind] == [[ReceiverReport, Remb]] * 3


def test_it_asks_for_lost_packets_and_for_a_key_frame() -> None:
    feedback, track = PublisherFeedback(99), camera()
    feedback.add(track)
    for sequence in (1, 2, 4, 5, 6):
        hear(track, sequence, sequence)
    feedback.collect(10)
    track.key_frames.request()
    for sequence in (8, 9, 10):
        hear(track, sequence, 20)
    assert parse(feedback.collect(20)) == [Nack(99, 7, (7,)), Pli(99, 7)]
    assert feedback.collect(21) == b""


def test_it_judges_the_path_by_what_was_lost_before_it_was_mended() -> None:
    feedback, track = PublisherFeedback(99), camera()
    feedback.add(track)
    for sequence in range(1, 500):
        late = sequence % 5 == 0  # Comes when it has been asked for.
        if not late:
            hear(track, sequence, sequence * 20)
        if sequence % 5 == 3 and sequence > 5:
            hear(track, sequence - 3, sequence * 20)
        feedback.collect(sequence * 20)
    levels = [feedback.health.quality]
    feedback.collect(500 * 20 + SILENT_MS)
    levels.append(feedback.health.quality)
    assert levels == [PathQuality.POOR, PathQuality.GOOD], "In the end nothing is sent any more."


def test_it_waits_for_half_a_round_trip_before_it_asks_again() -> None:
    feedback, track = PublisherFeedback(99), camera()
    feedback.add(track)
    feedback.on_round_trip(300)
    for sequence in (1, 3, 4, 5):
        hear(track, sequence, sequence)
    feedback.collect(10)
    assert feedback.collect(169) == b""
    assert parse(feedback.collect(170)) == [Nack(99, 7, (2,))]


def test_it_wants_a_key_frame_when_packets_are_given_up() -> None:
    feedback, track = PublisherFeedback(99), camera()
    feedback.add(track)
    hear(track, 1, 0)
    hear(track, 900, 10)
    assert Pli(99, 7) in parse(feedback.collect(10))


def test_it_asks_no_camera_that_sends_nothing() -> None:
    feedback, track = PublisherFeedback(99), camera()
    feedback.add(track)
    track.key_frames.request()
    assert feedback.collect(0) == b""
    hear(track, 2, 5)
    assert Pli(99, 7) in parse(feedback.collect(5))


def test_it_forgets_a_removed_track() -> None:
    feedback, track = PublisherFeedback(99), camera()
    feedback.add(track)
    feedback.add(track)
    hear(track, 1, 0)
    feedback.remove(track)
    feedback.remove(track)
    assert feedback.collect(0) == b""


def test_it_passes_arrivals_on() -> None:
    feedback = PublisherFeedback(99)
    feedback.arrivals.on_packet(1, 7, 5)
    assert len(parse(feedback.collect(5))) == 1


def test_it_lets_an_honest_listener_have_everything() -> None:
    budget = RetransmissionBudget()
    for now in range(0, 10_000, 100):
        assert budget.allow(5, (now, now + 1), now) == [now, now + 1]


def test_it_refuses_the_same_packet_within_a_round_trip() -> None:
    budget = RetransmissionBudget()
    assert budget.allow(5, (1, 1), 0) == [1]
    assert budget.allow(5, (1,), 10) == []
    assert budget.allow(6, (1,), 10) == [1]  # Another stream's packet of that number.
    assert budget.allow(5, (1,), 20) == [1]


def test_it_bounds_what_a_greedy_listener_costs() -> None:
    budget = RetransmissionBudget()
    sent = 0
    for now in range(0, 10_000, 10):
        sent += len(budget.allow(5, tuple(range(1000)), now))
    assert sent <= budget.BURST + 10 * budget.PER_S
    assert len(budget._asked) <= budget.BURST + budget.REMEMBERED
