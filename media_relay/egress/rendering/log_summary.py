"""What a log tells without its packets: read once, kept in memory; megabytes for twelve hours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from struct import Struct

from media_relay.egress.recording.log import (
    JsonValue,
    LoggedCaption,
    LogRecord,
    RecordKind,
    parse_caption,
    parse_end,
    read,
    segments,
)
from media_relay.egress.slot_map import parse_users
from media_relay.errors import ProtocolError
from media_relay.redis.cascade import entries
from media_relay.rtcp.clocks import ms_from_ntp

# Of a sender report: SSRC, NTP time, RTP timestamp (RFC 3550 §6.4.1).
_REPORT = Struct("!4xIQI")


@dataclass(frozen=True, slots=True)
class Moment:
    """Who is in which slot from `at_us` on. `users` are in the order of the slots."""

    at_us: int
    users: tuple[str | None, ...]
    active: str | None


@dataclass(frozen=True, slots=True)
class ReportPoint:
    """A sender report: on the home's clock, `home_ms` is when what has `timestamp_rtp` was
    captured.
    """

    at_us: int
    slot: int
    ssrc: int
    home_ms: float
    timestamp_rtp: int


@dataclass
class SegmentSpan:
    """One segment's span of time.

    `ends_well` if somebody stopped it; else a process died, or handed over.
    """

    path: Path
    begun_us: int
    ended_us: int
    ends_well: bool = False


@dataclass
class LogSummary:
    pieces: list[SegmentSpan] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    reports: list[ReportPoint] = field(default_factory=list)
    # Each with when it came, in microseconds.
    captions: list[tuple[int, LoggedCaption]] = field(default_factory=list)
    notes: list[tuple[int, dict[str, JsonValue]]] = field(default_factory=list)
    size_bytes: int = 0

    def records(self) -> Iterator[LogRecord]:
        """Yield all records again, in order; none of a segment from after the next one began."""
        for piece in self.pieces:
            for record in read(piece.path):
                if record.at_us > piece.ended_us:
                    break
                yield record


def summarize(folder: Path, on_progress: Callable[[float], None]) -> LogSummary:
    """Read a recording's folder. Raises OSError."""
    paths = segments(folder)
    story = LogSummary(size_bytes=sum(path.stat().st_size for path in paths))
    done = 0
    for path in paths:
        on_progress(done / max(story.size_bytes, 1))
        _read_segment(story, path)
        done += path.stat().st_size
    # Two processes may have written at once for a moment, one that slept and its heir: the heir is
    # right.
    story.pieces.sort(key=lambda piece: piece.begun_us)
    for piece, heir in pairwise(story.pieces):
        if piece.ended_us >= heir.begun_us:
            piece.ended_us = heir.begun_us - 1
            piece.ends_well = False
    story.pieces = [piece for piece in story.pieces if piece.ended_us >= piece.begun_us]
    story.moments.sort(key=attrgetter("at_us"))
    story.reports.sort(key=attrgetter("at_us"))
    return story


def _read_segment(story: LogSummary, path: Path) -> None:
    piece: SegmentSpan | None = None
    for record in read(path):
        if piece is None:
            piece = SegmentSpan(path, record.at_us, record.at_us)
            story.pieces.append(piece)
        piece.ended_us = max(piece.ended_us, record.at_us)
        try:
            match record.kind:
                case RecordKind.ASSIGNED:
                    users = parse_users(record.content)
                    story.moments.append(Moment(record.at_us, users.by_slot, users.active))
                case RecordKind.REPORTS:
                    for slot, report in entries(b"S" + record.content):
                        if len(report) >= _REPORT.size:
                            ssrc, ntp, timestamp = _REPORT.unpack_from(report)
                            home_ms = ms_from_ntp(ntp)
                            story.reports.append(
                                ReportPoint(record.at_us, slot, ssrc, home_ms, timestamp)
                            )
                case RecordKind.CAPTION:
                    story.captions.append((record.at_us, parse_caption(record.content)))
                case RecordKind.NOTE:
                    story.notes.append((record.at_us, record.json()))
                case RecordKind.END:
                    piece.ends_well = parse_end(record.content).reason == "stopped"
        except (ProtocolError, ValueError):
            continue  # Damage in one record costs this record.
