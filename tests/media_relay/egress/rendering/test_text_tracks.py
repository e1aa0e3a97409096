import itertools
import re
from pathlib import Path

import pytest

from media_relay.egress.recording.log import LoggedCaption
from media_relay.egress.rendering.log_summary import LogSummary, Moment, SegmentSpan
from media_relay.egress.rendering.text_tracks import (
    PlacedNote,
    chapters,
    clock,
    cues,
    notes,
    webvtt,
)
from media_relay.egress.rendering.timeline import Timeline

S = 1_000_000
BEGUN_US = 1_700_000_000 * S
# WebVTT §4.1: a cue's times, then its text up to an empty line.
TIMES = re.compile(
    r"(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})"
)


def line(seconds: int = 600) -> Timeline:
    return Timeline([SegmentSpan(Path("x"), BEGUN_US, BEGUN_US + seconds * S, True)])


def said(
    text: str, start_s: float, end_s: float, participant: str = "alice"
) -> tuple[int, LoggedCaption]:
    start_ms = round((BEGUN_US / S + start_s) * 1000)
    return BEGUN_US + round(end_s * S), LoggedCaption(participant, "1", text, True, start_ms)


def name(user: str) -> str:
    return {"alice": "Alice & <Bob>\n-->"}.get(user, user)


def test_it_writes_webvtt_that_a_parser_takes_whatever_people_say() -> None:
    hostile = ["one --> two", "<script>", "a\n\nb", "&amp;", "\N{GRINNING FACE} r\u00e9sum\u00e9"]
    story = LogSummary(captions=[said(text, at, at + 2) for at, text in enumerate(hostile)])
    text = webvtt(cues(story, line(), name))
    head, *blocks = text.rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    assert len(blocks) == len(hostile)
    for block in blocks:
        times, *spoken = block.split("\n")
        assert TIMES.fullmatch(times)
        assert len(spoken) == 1
        assert "-->" not in spoken[0]
        assert re.fullmatch(r"<v [^<>]+>[^<>]*</v>", spoken[0])


def test_it_gives_each_line_its_time_and_orders_them() -> None:
    story = LogSummary(
        captions=[said("second", 5, 8, "bob"), said("first", 1, 1.2), said("long", 20, 90)]
    )
    made = [(cue.start_ms, cue.end_ms, cue.text) for cue in cues(story, line(), name)]
    assert made == [(1000, 2000, "first"), (5000, 8000, "second"), (20_000, 35_000, "long")]


@pytest.mark.parametrize("bad", [said("", 1, 2), said("x", -50, -40), said("x", 700, 701)])
def test_it_leaves_out_what_is_no_line_of_this_replay(bad: tuple[int, LoggedCaption]) -> None:
    assert cues(LogSummary(captions=[bad]), line(), name) == []


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "00:00:00.000"), (3_661_001, "01:01:01.001"), (360_000_000, "100:00:00.000")],
)
def test_it_writes_times(ms: int, text: str) -> None:
    assert clock(ms) == text


def talk(*turns: tuple[float, str | None]) -> LogSummary:
    return LogSummary(
        moments=[Moment(BEGUN_US + round(at * S), (None,) * 5, user) for at, user in turns]
    )


def test_it_makes_chapters_of_who_leads_the_talk() -> None:
    story = talk(
        (2, "alice"), (100, "bob"), (103, "alice"), (200, "bob"), (210, None), (400, "alice")
    )
    made = [(part.start_ms, part.end_ms, part.name) for part in chapters(story, line(), str.title)]
    assert made == [(0, 200_000, "Alice"), (200_000, 400_000, "Bob"), (400_000, 600_000, "Alice")]


def test_it_joins_chapters_without_hole_and_not_too_many() -> None:
    story = talk(*((at, "alice" if at // 16 % 2 else "bob") for at in range(0, 40_000, 16)))
    made = chapters(story, line(40_000), str)
    assert 1 <= len(made) <= 300
    assert made[0].start_ms == 0
    assert made[-1].end_ms == 40_000_000
    assert all(one.end_ms == other.start_ms for one, other in itertools.pairwise(made))


def test_it_has_no_chapter_where_nobody_spoke() -> None:
    assert chapters(talk((1, None)), line(), str) == []


def test_it_places_notes() -> None:
    story = LogSummary(notes=[(BEGUN_US - S, {"pin": 1}), (BEGUN_US + 3 * S, {"pin": 2})])
    assert notes(story, line()) == [
        PlacedNote(0, {"pin": 1}),
        PlacedNote(3000, {"pin": 2}),
    ]
