import itertools
from pathlib import Path

from media_relay.egress.rendering.log_summary import Moment, SegmentSpan
from media_relay.egress.rendering.shot_list import LEAST_MS, Look, Shot, ShotList, Subject, calm
from media_relay.egress.rendering.timeline import Timeline

A, B = Subject(Look.CAMERA, "alice"), Subject(Look.CARD, "bob")
TITLE = Subject(Look.TITLE)


def cuts(*shots: tuple[int, Subject]) -> list[Shot]:
    return [Shot(*shot) for shot in shots]


def test_it_gives_every_picture_four_seconds() -> None:
    raw = cuts((0, TITLE), (500, A), (2000, B), (9000, A), (12_000, B), (20_000, A))
    calmed = calm(raw, 30_000)
    lengths = [after.start_ms - shot.start_ms for shot, after in itertools.pairwise(calmed[1:])]
    assert all(length >= LEAST_MS for length in lengths)
    assert calmed == cuts((0, TITLE), (500, A), (4500, B), (9000, A), (13_000, B), (20_000, A))


def test_it_does_not_cut_to_somebody_who_is_brief() -> None:
    assert calm(cuts((0, A), (10_000, B), (11_000, A)), 30_000) == cuts((0, A))


def test_it_does_not_show_the_title_once_somebody_speaks_at_the_begin() -> None:
    assert calm(cuts((0, TITLE), (0, A)), 9000) == cuts((0, A))


def test_it_never_flickers_between_two_who_alternate() -> None:
    raw = cuts(*((at, A if at // 1000 % 2 else B) for at in range(0, 60_000, 1000)))
    assert len(calm(raw, 60_000)) <= 60_000 // LEAST_MS


def test_it_prefers_the_screen_then_the_camera_then_the_face() -> None:
    line = Timeline([SegmentSpan(Path("x"), 0, 60_000_000, True)])
    nobody = (None,) * 3
    moments = [
        Moment(5_000_000, (*nobody, None, None), "bob"),
        Moment(15_000_000, (*nobody, "alice", None), "alice"),
        Moment(25_000_000, (*nobody, "alice", "carol"), "alice"),
        Moment(35_000_000, (*nobody, None, None), None),
    ]
    shots = ShotList(moments, line)
    wanted = [
        TITLE,
        Subject(Look.CARD, "bob"),
        A,
        Subject(Look.SCREEN, "carol"),
        Subject(Look.SCREEN, "carol"),
    ]
    assert [shots.at(ms).subject for ms in (0, 6000, 16_000, 26_000, 59_000)] == wanted
