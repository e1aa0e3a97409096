"""Pictures in an outgoing stream: key frames before a change, numbers of pictures that go on."""

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.rewriter import VIDEO_SWITCH_MS, StreamRewriter
from tests.media_relay.forwarding.publisher import Sent, forward, forward_all
from tests.media_relay.forwarding.streams import camera, sequences, video
from tests.media_relay.rtp.build import buffer, rtp


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
    assert (stream.source_user, stream.target) == ("ayu", hana.track)
    second = forward_all(stream, hana, hana.frame(key=True), 99)
    assert sequences(first + kept + second) == list(range(100, 109))
    assert stream.source_user == "hana"
    assert forward_all(stream, ayu, ayu.frame(), 100) == []


def test_it_makes_picture_ids_and_layers_continuous() -> None:
    stream, ayu, hana = video(), camera("ayu", picture_id=32_766), camera("hana", picture_id=7)
    hana.tl0picidx = 200
    stream.point_to(ayu.track, 0)
    sent = forward_all(stream, ayu, ayu.frame(key=True), 0)
    sent += [
        one for index in range(3) for one in forward_all(stream, ayu, ayu.frame(), 33 + 33 * index)
    ]
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
    assert stream.source_user is None
    assert len(forward_all(stream, hana, hana.frame(key=True), 5000)) == 3


def test_it_stays_with_a_picture_it_is_pointed_back_to() -> None:
    stream, ayu, hana = video(), camera("ayu"), camera("hana")
    stream.point_to(ayu.track, 0)
    forward_all(stream, ayu, ayu.frame(key=True), 0)
    stream.point_to(hana.track, 10)
    stream.point_to(ayu.track, 20)
    assert len(forward_all(stream, ayu, ayu.frame(), 33)) == 3
    # Two silent seconds: a new epoch.
    assert len(forward_all(stream, ayu, ayu.frame(), 10 + 2 * VIDEO_SWITCH_MS)) == 0
    assert ayu.track.key_frames.wanted


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
    assert (stream.target, stream.source_user) == (None, "ayu")
    stream.forget(ayu.track)
    assert stream.source is None
    assert forward_all(stream, ayu, ayu.frame(key=True), 20) == []


def test_it_closes_up_over_padding_that_probes_the_publishers_path() -> None:
    stream, ayu = video(), camera("ayu")
    stream.point_to(ayu.track, 0)
    sent = forward_all(stream, ayu, ayu.frame(key=True), 0)
    probe = rtp(
        ayu.sequence, ayu.timestamp, payload=b"", payload_type=96, padding=200, ssrc=ayu.track.ssrc
    )
    ayu.sequence += 1
    assert forward(stream, ayu, probe, 5) is None
    sent += forward_all(stream, ayu, ayu.frame(), 33)
    assert sequences(sent) == list(range(100, 106))


def test_it_serves_two_streams_from_one_buffer() -> None:
    ayu = camera("ayu", sequence=777, picture_id=300)
    first, second = video(), StreamRewriter(MediaKind.CAMERA, 7000, first_sequence=2000)
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
        assert (one.timestamp, one.vp8.picture_id, one.payload) == (
            two.timestamp,
            two.vp8.picture_id,
            two.payload,
        )


def test_it_asks_the_next_picture_for_the_key_frame_that_a_receiver_wants() -> None:
    stream, ayu, hana = video(), camera("ayu"), camera("hana")
    stream.on_key_frame_request()
    stream.point_to(ayu.track, 0)
    forward_all(stream, ayu, ayu.frame(key=True), 0)
    stream.on_key_frame_request()
    assert ayu.track.key_frames.wanted
    stream.point_to(hana.track, 0)
    hana.track.key_frames.on_key_frame()
    stream.on_key_frame_request()
    assert hana.track.key_frames.wanted
