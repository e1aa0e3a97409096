"""What is taken from a log, also from one that an earlier release wrote, or that is damaged."""

from pathlib import Path

import pytest

from media_relay.egress.recording.log import LoggedCaption, RecordKind, Segment, segment_path
from media_relay.egress.rendering.log_summary import LogSummary, Moment, summarize

AT_US = 1_700_000_000_000_000
# With spaces and escapes, as json.dumps writes; releases before msgspec did.
ASSIGNED = (
    b'{"audio": ["7", null, null], "video": null, "screen": "8", "active": "7", "since": [1]}'
)
CAPTION = (
    b'{"participant": "7", "id": "7-a", "text": "caf\\u00e9", "final": true, "start_ms": 5, "x": 1}'
)


def summary_of(folder: Path, *records: tuple[RecordKind, bytes]) -> LogSummary:
    segment = Segment(segment_path(folder, AT_US, "egress-a"))
    for kind, content in records:
        segment.append(kind, content, AT_US)
    segment.write(segment.take())
    segment.close()
    return summarize(folder, lambda _share: None)


def test_it_reads_what_earlier_and_later_releases_write(tmp_path: Path) -> None:
    story = summary_of(
        tmp_path,
        (RecordKind.BEGIN, b'{"egress": "egress-a"}'),
        (RecordKind.ASSIGNED, ASSIGNED),
        (RecordKind.CAPTION, CAPTION),
        (RecordKind.NOTE, b'{"type": "pin", "post": 3}'),
        (RecordKind.END, b'{"reason": "stopped", "by": "host"}'),
    )
    assert story.moments == [Moment(AT_US, ("7", None, None, None, "8"), "7")]
    assert story.captions == [(AT_US, LoggedCaption("7", "7-a", "caf\u00e9", True, 5))]
    assert story.notes == [(AT_US, {"type": "pin", "post": 3})]
    assert [piece.ends_well for piece in story.pieces] == [True]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (RecordKind.ASSIGNED, b""),
        (RecordKind.ASSIGNED, b"{}"),
        (RecordKind.ASSIGNED, ASSIGNED.replace(b"null, null]", b"null]")),
        (RecordKind.ASSIGNED, ASSIGNED.replace(b'"8"', b"8")),
        (RecordKind.ASSIGNED, b"[" * 100_000),
        (RecordKind.REPORTS, b"\0\0\x20cut"),
        (RecordKind.CAPTION, CAPTION.replace(b'"7",', b"null,")),
        (RecordKind.CAPTION, CAPTION.replace(b"5", b'"5"')),
        (RecordKind.CAPTION, b'"words"'),
        (RecordKind.END, b"{}"),
        (RecordKind.END, b'{"reason": "handed_over"}'),
    ],
)
def test_it_leaves_out_a_damaged_record_and_no_other(
    tmp_path: Path, kind: RecordKind, content: bytes
) -> None:
    story = summary_of(tmp_path, (kind, content), (RecordKind.NOTE, b"{}"))
    assert (story.moments, story.reports, story.captions) == ([], [], [])
    assert story.notes == [(AT_US, {})]
    assert [piece.ends_well for piece in story.pieces] == [False]
