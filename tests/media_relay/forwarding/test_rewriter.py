"""One outgoing stream: its own numbers, whoever speaks."""

import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.rewriter import MAX_GAP, WRAP_GUARD, StreamRewriter
from media_relay.rtp import extensions
from media_relay.rtp.packet import sequence_number, set_numbers
from tests.media_relay.forwarding.publisher import Publisher, forward
from tests.media_relay.forwarding.streams import audio, play, report, sequences
from tests.media_relay.rtp.build import LEVEL_ID, MID_ID, buffer, rtp

CYCLE = 65536


def test_it_gives_a_voice_its_own_ssrc_and_numbers_and_keeps_the_sound() -> None:
    stream, ayu = audio(), Publisher("ayu", sequence=40_000, timestamp=7)
    stream.point_to(ayu.track, 0)
    sent = play(stream, ayu, 3, 0)
    assert sequences(sent) == [100, 101, 102]
    assert {one.ssrc for one in sent} == {5000}
    assert [one.payload for one in sent] == [b"\xfcsound"] * 3
    assert [one.marker for one in sent] == [True, False, False]  # A marker begins a talkspurt.


def test_it_takes_off_the_publishers_extensions() -> None:
    stream, ayu = audio(), Publisher("ayu")
    stream.point_to(ayu.track, 0)
    sent = play(stream, ayu, 1, 0)[0]
    assert extensions.find(sent.data, len(sent.data), MID_ID) is None
    assert extensions.find(sent.data, len(sent.data), LEVEL_ID) is None


def test_it_drops_whoever_it_is_not_pointed_to() -> None:
    stream, ayu, budi = audio(), Publisher("ayu"), Publisher("budi")
    assert play(stream, ayu, 1, 0) == []
    stream.point_to(ayu.track, 0)
    assert play(stream, budi, 1, 0) == []
    stream.point_to(None, 0)
    assert play(stream, ayu, 1, 20) == []
    assert stream.source_user is None


def test_it_changes_voices_at_once_without_a_gap() -> None:
    stream = audio()
    ayu, budi = (
        Publisher("ayu", sequence=65_530, timestamp=2**32 - 2000),
        Publisher("budi", sequence=3, timestamp=99),
    )
    stream.point_to(ayu.track, 0)
    first = play(stream, ayu, 10, 0)
    stream.point_to(budi.track, 190)
    second = play(stream, budi, 3, 200)
    assert sequences(first + second) == list(range(100, 113))
    assert second[0].marker
    # 20 ms after the last packet, in samples.
    assert (second[0].timestamp - first[-1].timestamp) & 0xFFFF_FFFF == 960
    assert stream.source_user == "budi"


def test_it_puts_the_time_that_passed_between_two_voices() -> None:
    stream, ayu, budi = audio(), Publisher("ayu"), Publisher("budi", timestamp=77_777)
    stream.point_to(ayu.track, 0)
    first = play(stream, ayu, 1, 0)
    stream.point_to(budi.track, 0)
    second = play(stream, budi, 1, 5000)
    assert (second[0].timestamp - first[0].timestamp) & 0xFFFF_FFFF == 5000 * 48


@pytest.mark.parametrize(
    ("order", "outgoing"),
    [
        ([0, 1, 2, 3], [100, 101, 102, 103]),
        ([0, 2, 1, 3], [100, 102, 101, 103]),
        ([0, 3, 3, 1, 2, 2], [100, 103, None, 101, 102, None]),
        ([1, 0, 2], [100, None, 101]),  # What was before the beginning has no place.
    ],
)
def test_it_places_reordered_packets_and_drops_duplicates(
    order: list[int], outgoing: list[int | None]
) -> None:
    stream, ayu = audio(), Publisher("ayu", sequence=65_534)
    stream.point_to(ayu.track, 0)
    packets = [ayu.frame()[0] for _ in range(4)]
    sent = [forward(stream, ayu, packets[index], index * 20) for index in order]
    assert [one.sequence if one else None for one in sent] == outgoing


def test_it_stays_continuous_over_wraps_on_both_sides() -> None:
    stream, ayu = StreamRewriter(MediaKind.MICROPHONE, 1, first_sequence=30_000), Publisher("ayu")
    stream.point_to(ayu.track, 0)
    data = rtp(0)
    buf, sent = buffer(data), []
    for index in range(CYCLE + 1000):
        set_numbers(buf, (60_000 + index) & 0xFFFF, index * 960 & 0xFFFF_FFFF, 1)
        assert stream.accept(
            ayu.track, buf, ayu.track.on_rtp(buf, len(data), index * 20), index * 20
        )
        sent.append(sequence_number(buf))
    assert sent == [(30_000 + index) & 0xFFFF for index in range(CYCLE + 1000)]
    assert stream.sequence_number == sent[-1]


def test_it_does_not_pass_a_publishers_leap_on_to_listeners() -> None:
    stream, ayu = audio(), Publisher("ayu", sequence=10)
    stream.point_to(ayu.track, 0)
    play(stream, ayu, 2, 0)
    ayu.sequence += 30_000
    assert sequences(play(stream, ayu, 2, 40)) == [102, 103]


def test_it_goes_on_without_a_gap_after_a_mute() -> None:
    stream, ayu = audio(), Publisher("ayu")
    stream.point_to(ayu.track, 0)
    first = play(stream, ayu, 2, 0)
    ayu.track.interrupt()
    for _ in range(50):
        ayu.frame()  # A second of sound that the relay drops.
    second = play(stream, ayu, 2, 1040)
    assert sequences(first + second) == [100, 101, 102, 103]
    assert (second[0].timestamp - first[-1].timestamp) == 1020 * 48


@pytest.mark.parametrize(
    ("missing", "gap"), [(MAX_GAP - 1, MAX_GAP - 1), (MAX_GAP, 0), (40_000, 0)]
)
def test_it_closes_a_gap_that_came_of_a_pause(missing: int, gap: int) -> None:
    """Packets that the track took but this stream was not given: a listener's picture was off."""
    stream, ayu = audio(), Publisher("ayu")
    stream.point_to(ayu.track, 0)
    first = play(stream, ayu, 1, 0)
    for index in range(missing):
        data = ayu.frame()[0]
        ayu.track.on_rtp(buffer(data), len(data), index)
    second = play(stream, ayu, 2, missing)
    assert sequences(second) == [first[0].sequence + gap + 1, first[0].sequence + gap + 2]


def test_it_goes_on_where_another_stream_was() -> None:
    shared, ayu, budi = audio(), Publisher("ayu"), Publisher("budi", sequence=500, timestamp=12_345)
    shared.point_to(ayu.track, 0)
    before = play(shared, ayu, 5, 0)
    own = StreamRewriter(MediaKind.MICROPHONE, shared.ssrc)
    own.continue_from(shared)
    own.point_to(budi.track, 100)
    after = play(own, budi, 1, 100)
    assert after[0].sequence == before[-1].sequence + 1
    assert after[0].timestamp - before[-1].timestamp == 20 * 48
    assert report(own, 100).packets == 6


@pytest.mark.parametrize(
    ("sent", "expected"),
    [(65_536 - WRAP_GUARD - 1, 65_536 - WRAP_GUARD - 1), (65_536 - WRAP_GUARD, 0)],
)
def test_it_begins_a_stream_of_ones_own_behind_a_wrap_that_is_near(
    sent: int, expected: int
) -> None:
    shared, own = StreamRewriter(MediaKind.MICROPHONE, 1, first_sequence=sent), audio()
    ayu = Publisher("ayu")
    own.continue_from(shared)
    own.point_to(ayu.track, 0)
    assert sequences(play(own, ayu, 2, 0)) == [expected, expected + 1]


def test_it_repeats_what_was_sent_byte_for_byte() -> None:
    stream, ayu = audio(), Publisher("ayu")
    stream.point_to(ayu.track, 0)
    sent = play(stream, ayu, 200, 0)
    assert stream.on_nack([299, 250, 300, 100]) == [sent[199].data, sent[150].data]  # 128 are kept.
