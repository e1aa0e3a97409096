import pytest

from media_relay.forwarding.kind import Kind
from media_relay.forwarding.rewriter import MAX_GAP, VIDEO_SWITCH_MS, WRAP_GUARD, StreamRewriter
from media_relay.rtcp.clocks import SenderClock, ntp_from_ms
from media_relay.rtcp.packets import SenderReport, parse
from media_relay.rtp import extensions
from media_relay.rtp.packet import sequence_number, set_numbers
from tests.media_relay.forwarding.publisher import Publisher, Sent, forward, forward_all
from tests.media_relay.rtp.build import LEVEL_ID, MID_ID, buffer, rtp

CYCLE = 65536


def audio() -> StreamRewriter:
    return StreamRewriter(Kind.MICROPHONE, 5000, first_sequence=100)


def video() -> StreamRewriter:
    return StreamRewriter(Kind.CAMERA, 6000, first_sequence=100)


def camera(user: str, *, sequence: int = 1, picture_id: int = 0) -> Publisher:
    return Publisher(user, Kind.CAMERA, per_frame=3, sequence=sequence, picture_id=picture_id)


def sequences(sent: list[Sent]) -> list[int]:
    return [one.sequence for one in sent]


def play(stream: StreamRewriter, publisher: Publisher, frames: int, start_ms: int, step_ms: int = 20) -> list[Sent]:
    """Let `frames` frames arrive in time and return what went out."""
    sent: list[Sent] = []
    for index in range(frames):
        sent += forward_all(stream, publisher, publisher.frame(), start_ms + index * step_ms)
    return sent


def test_it_gives_a_voice_its_own_ssrc_and_numbers_and_keeps_the_sound() -> None:
    stream, ayu = audio(), Publisher("ayu", sequence=40_000, timestamp=7)
    stream.point_to(ayu.track, 0)
    sent = play(stream, ayu, 3, 0)
    assert sequences(sent) == [100, 101, 102]
    assert {one.ssrc for one in sent} == {5000}
    assert [one.payload for one in sent] == [b"\xfcsound"] * 3
    assert [one.marker for one in sent] == [True, False, False]  # A marker begins a talkspurt.


def test_it_removes_the_publishers_mid() -> None:
    stream, ayu = audio(), Publisher("ayu")
    stream.point_to(ayu.track, 0)
    sent = play(stream, ayu, 1, 0)[0]
    assert extensions.find(sent.data, len(sent.data), MID_ID) is None
    assert extensions.find(sent.data, len(sent.data), LEVEL_ID) is not None


def test_it_drops_whoever_it_is_not_pointed_to() -> None:
    stream, ayu, budi = audio(), Publisher("ayu"), Publisher("budi")
    assert play(stream, ayu, 1, 0) == []
    stream.point_to(ayu.track, 0)
    assert play(stream, budi, 1, 0) == []
    stream.point_to(None, 0)
    assert play(stream, ayu, 1, 20) == []
    assert stream.shown is None


def test_it_changes_voices_at_once_without_a_gap() -> None:
    stream = audio()
    ayu, budi = Publisher("ayu", sequence=65_530, timestamp=2**32 - 2000), Publisher("budi", sequence=3, timestamp=99)
    stream.point_to(ayu.track, 0)
    first = play(stream, ayu, 10, 0)
    stream.point_to(budi.track, 190)
    second = play(stream, budi, 3, 200)
    assert sequences(first + second) == list(range(100, 113))
    assert second[0].marker
    # 20 ms after the last packet, in samples.
    assert (second[0].timestamp - first[-1].timestamp) & 0xFFFF_FFFF == 960
    assert stream.shown == "budi"


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
def test_it_places_reordered_packets_and_drops_duplicates(order: list[int], outgoing: list[int | None]) -> None:
    stream, ayu = audio(), Publisher("ayu", sequence=65_534)
    stream.point_to(ayu.track, 0)
    packets = [ayu.frame()[0] for _ in range(4)]
    sent = [forward(stream, ayu, packets[index], index * 20) for index in order]
    assert [one.sequence if one else None for one in sent] == outgoing


def test_it_stays_continuous_over_wraps_on_both_sides() -> None:
    stream, ayu = StreamRewriter(Kind.MICROPHONE, 1, first_sequence=30_000), Publisher("ayu")
    stream.point_to(ayu.track, 0)
    data = rtp(0)
    buf, sent = buffer(data), []
    for index in range(CYCLE + 1000):
        set_numbers(buf, (60_000 + index) & 0xFFFF, index * 960 & 0xFFFF_FFFF, 1)
        assert stream.accept(ayu.track, buf, ayu.track.on_rtp(buf, len(data), index * 20), index * 20)
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


def test_it_waits_for_a_key_frame_before_it_changes_pictures() -> None:
    stream, ayu, hana = video(), camera("ayu"), camera("hana", sequence=9000, picture_id=500)
    stream.point_to(ayu.track, 0)
    assert ayu.track.key_frames.due(0)
    assert forward_all(stream, ayu, ayu.frame(), 0) == []
    first = forward_all(stream, ayu, ayu.frame(key=True), 33)
    assert len(first) == 3
    stream.point_to(hana.track, 40)
    assert hana.track.key_frames.due(40)
    assert forward_all(stream, hana, hana.frame(), 50) == []
    kept = forward_all(stream, ayu, ayu.frame(), 66)
    assert (stream.shown, stream.target) == ("ayu", hana.track)
    second = forward_all(stream, hana, hana.frame(key=True), 99)
    assert sequences(first + kept + second) == list(range(100, 109))
    assert stream.shown == "hana"
    assert forward_all(stream, ayu, ayu.frame(), 100) == []


def test_it_makes_picture_ids_and_layers_continuous() -> None:
    stream, ayu, hana = video(), camera("ayu", picture_id=32_766), camera("hana", picture_id=7)
    hana.tl0picidx = 200
    stream.point_to(ayu.track, 0)
    sent = forward_all(stream, ayu, ayu.frame(key=True), 0)
    sent += [one for index in range(3) for one in forward_all(stream, ayu, ayu.frame(), 33 + 33 * index)]
    stream.point_to(hana.track, 140)
    sent += forward_all(stream, hana, hana.frame(key=True), 150)
    sent += forward_all(stream, hana, hana.frame(), 183)
    assert [one.vp8.picture_id for one in sent[::3]] == [1, 2, 3, 4, 5, 6]
    assert [one.vp8.tl0picidx for one in sent[::3]] == [1, 2, 3, 4, 5, 6]
    assert all(one.vp8.picture_id_bits == 15 for one in sent)


def test_it_changes_in_the_middle_of_a_frame_that_then_never_ends() -> None:
    stream, ayu, hana = video(), camera("ayu"), camera("hana")
    stream.point_to(ayu.track, 0)
    sent = forward_all(stream, ayu, ayu.frame(key=True), 0)
    sent += forward_all(stream, ayu, ayu.frame()[:2], 33)
    stream.point_to(hana.track, 34)
    sent += forward_all(stream, hana, hana.frame(key=True), 35)
    assert sequences(sent) == list(range(100, 108))
    assert sent[5].vp8.start_of_frame
    assert sent[5].timestamp != sent[4].timestamp


def test_it_stops_the_former_picture_when_no_key_frame_comes_in_time() -> None:
    stream, ayu, hana = video(), camera("ayu"), camera("hana")
    stream.point_to(ayu.track, 0)
    forward_all(stream, ayu, ayu.frame(key=True), 0)
    stream.point_to(hana.track, 10)
    assert forward_all(stream, ayu, ayu.frame(), 9 + VIDEO_SWITCH_MS)
    assert forward_all(stream, ayu, ayu.frame(), 10 + VIDEO_SWITCH_MS) == []
    assert stream.shown is None
    assert len(forward_all(stream, hana, hana.frame(key=True), 5000)) == 3


def test_it_stays_with_a_picture_it_is_pointed_back_to() -> None:
    stream, ayu, hana = video(), camera("ayu"), camera("hana")
    stream.point_to(ayu.track, 0)
    forward_all(stream, ayu, ayu.frame(key=True), 0)
    stream.point_to(hana.track, 10)
    stream.point_to(ayu.track, 20)
    assert len(forward_all(stream, ayu, ayu.frame(), 33)) == 3
    assert len(forward_all(stream, ayu, ayu.frame(), 10 + 2 * VIDEO_SWITCH_MS)) == 0  # Two silent seconds: a new epoch.
    assert ayu.track.key_frames.wanted


@pytest.mark.parametrize(("missing", "gap"), [(MAX_GAP - 1, MAX_GAP - 1), (MAX_GAP, 0), (40_000, 0)])
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


def test_it_waits_for_a_key_frame_after_a_halt_and_leaves_no_gap() -> None:
    stream, ayu = video(), camera("ayu")
    stream.point_to(ayu.track, 0)
    sent = forward_all(stream, ayu, ayu.frame(key=True), 0)
    stream.halt()
    stream.point_to(ayu.track, 10)
    assert forward_all(stream, ayu, ayu.frame(), 33) == []
    assert ayu.track.key_frames.wanted
    sent += forward_all(stream, ayu, ayu.frame(key=True), 66)
    assert sequences(sent) == list(range(100, 106))


def test_it_goes_on_where_another_stream_was() -> None:
    shared, ayu, budi = audio(), Publisher("ayu"), Publisher("budi", sequence=500, timestamp=12_345)
    shared.point_to(ayu.track, 0)
    before = play(shared, ayu, 5, 0)
    own = StreamRewriter(Kind.MICROPHONE, shared.ssrc)
    own.continue_from(shared)
    own.point_to(budi.track, 100)
    after = play(own, budi, 1, 100)
    assert after[0].sequence == before[-1].sequence + 1
    assert after[0].timestamp - before[-1].timestamp == 20 * 48
    assert report(own, 100).packets == 6


@pytest.mark.parametrize(
    ("sent", "expected"), [(65_536 - WRAP_GUARD - 1, 65_536 - WRAP_GUARD - 1), (65_536 - WRAP_GUARD, 0)]
)
def test_it_begins_a_stream_of_ones_own_behind_a_wrap_that_is_near(sent: int, expected: int) -> None:
    shared, own = StreamRewriter(Kind.MICROPHONE, 1, first_sequence=sent), audio()
    ayu = Publisher("ayu")
    own.continue_from(shared)
    own.point_to(ayu.track, 0)
    assert sequences(play(own, ayu, 2, 0)) == [expected, expected + 1]


def test_it_stops_a_picture_at_once_when_pointed_to_nothing() -> None:
    stream, ayu = video(), camera("ayu")
    stream.point_to(ayu.track, 0)
    forward_all(stream, ayu, ayu.frame(key=True), 0)
    stream.point_to(None, 10)
    assert forward_all(stream, ayu, ayu.frame(key=True), 33) == []


def test_it_forgets_a_track_that_ended() -> None:
    stream, ayu, hana = video(), camera("ayu"), camera("hana")
    stream.point_to(ayu.track, 0)
    forward_all(stream, ayu, ayu.frame(key=True), 0)
    stream.point_to(hana.track, 10)
    stream.forget(hana.track)
    assert (stream.target, stream.shown) == (None, "ayu")
    stream.forget(ayu.track)
    assert stream.source is None
    assert forward_all(stream, ayu, ayu.frame(key=True), 20) == []


def test_it_closes_up_over_padding_that_probes_the_publishers_path() -> None:
    stream, ayu = video(), camera("ayu")
    stream.point_to(ayu.track, 0)
    sent = forward_all(stream, ayu, ayu.frame(key=True), 0)
    probe = rtp(ayu.sequence, ayu.timestamp, payload=b"", payload_type=96, padding=200, ssrc=ayu.track.ssrc)
    ayu.sequence += 1
    assert forward(stream, ayu, probe, 5) is None
    sent += forward_all(stream, ayu, ayu.frame(), 33)
    assert sequences(sent) == list(range(100, 106))


def test_it_serves_two_streams_from_one_buffer() -> None:
    ayu = camera("ayu", sequence=777, picture_id=300)
    first, second = video(), StreamRewriter(Kind.CAMERA, 7000, first_sequence=2000)
    for stream in (first, second):
        stream.point_to(ayu.track, 0)
    for data in ayu.frame(key=True) + ayu.frame():
        buf = buffer(data)
        length = ayu.track.on_rtp(buf, len(data), 0)
        assert first.accept(ayu.track, buf, length, 0)
        one = Sent(bytes(buf[:length]))
        assert second.accept(ayu.track, buf, length, 0)
        two = Sent(bytes(buf[:length]))
        assert (two.sequence - one.sequence, two.ssrc, one.ssrc) == (1900, 7000, 6000)
        assert (one.timestamp, one.vp8.picture_id, one.payload) == (two.timestamp, two.vp8.picture_id, two.payload)


def test_it_repeats_what_was_sent_byte_for_byte() -> None:
    stream, ayu = audio(), Publisher("ayu")
    stream.point_to(ayu.track, 0)
    sent = play(stream, ayu, 200, 0)
    assert stream.on_nack([299, 250, 300, 100]) == [sent[199].data, sent[150].data]  # 128 are kept.


def test_it_asks_the_next_picture_for_the_key_frame_that_a_receiver_wants() -> None:
    stream, ayu, hana = video(), camera("ayu"), camera("hana")
    stream.on_key_frame_request()
    stream.point_to(ayu.track, 0)
    forward_all(stream, ayu, ayu.frame(key=True), 0)
    stream.on_key_frame_request()
    assert ayu.track.key_frames.wanted
    stream.point_to(hana.track, 0)
    hana.track.key_frames.cancel()
    stream.on_key_frame_request()
    assert hana.track.key_frames.wanted


def report(stream: StreamRewriter, now_ms: int) -> SenderReport:
    data = stream.sender_report(now_ms)
    assert data is not None
    parsed = parse(data)[0]
    assert isinstance(parsed, SenderReport)
    return parsed


def test_it_reports_nothing_before_the_first_packet_and_counts_after() -> None:
    stream, ayu = audio(), Publisher("ayu")
    assert stream.sender_report(0) is None
    stream.point_to(ayu.track, 0)
    assert stream.sender_report(0) is None
    sent = play(stream, ayu, 5, 1000)
    got = report(stream, 1080)
    assert (got.ssrc, got.packets, got.octets) == (5000, 5, 5 * len(b"\xfcsound"))
    assert (got.ntp, got.timestamp_rtp) == (ntp_from_ms(1080), sent[-1].timestamp)


def lip_offset_ms(sound: StreamRewriter, picture: StreamRewriter, heard: Sent, seen: Sent, now_ms: int) -> float:
    """Return how much later a receiver plays `heard` than `seen`, going by the two sender reports."""
    one, two = report(sound, now_ms), report(picture, now_ms + 7)
    heard_ms = now_ms + (heard.timestamp - one.timestamp_rtp) / 48
    seen_ms = now_ms + 7 + (seen.timestamp - two.timestamp_rtp) / 90
    return heard_ms - seen_ms


@pytest.mark.parametrize("camera_delay_ms", [0, 60, 180])
def test_it_keeps_lips_in_sync_through_a_switch(camera_delay_ms: int) -> None:
    """Sound and picture captured at one moment arrive `camera_delay_ms` apart and must be played together."""
    sound, picture = audio(), video()
    for index, user in enumerate(("ayu", "hana", "ayu again")):
        clock, began = SenderClock(), 10_000 + index * 3000
        microphone = Publisher(user, clock=clock, timestamp=123_456 * index)
        lens = Publisher(user + " camera", Kind.CAMERA, clock=clock, timestamp=999_999 * index, sequence=40_000)
        # The publisher's own wall clock, and both reports about the same moment of it.
        for publisher in (microphone, lens):
            publisher.track.on_sender_report(ntp_from_ms(5e11 + began - 20), publisher.timestamp, began)
        sound.point_to(microphone.track, began)
        picture.point_to(lens.track, began)
        for step in range(1, 20):
            heard = forward(sound, microphone, microphone.frame(20 * 48)[0], began + 20 * step)
            seen = forward(picture, lens, lens.frame(20 * 90, key=True)[0], began + 20 * step + camera_delay_ms)
            assert heard is not None
            assert seen is not None
            if step > 12:
                offset = lip_offset_ms(sound, picture, heard, seen, began + 20 * step + camera_delay_ms)
                assert abs(offset) < 1.0
