"""What can be read beside the picture: captions, chapters, notes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from media_relay.egress.recording.log import JsonValue
from media_relay.egress.rendering.log_summary import LogSummary
from media_relay.egress.rendering.mp4_writer import Chapter
from media_relay.egress.rendering.timeline import Timeline

LEAST_CHAPTER_MS = 15_000  # A question of three words is no chapter.
MOST_CHAPTERS = 300
LEAST_CUE_MS = 1000
MOST_CUE_MS = 15_000
Name = Callable[[str], str]


@dataclass(frozen=True)
class Cue:
    start_ms: int
    end_ms: int
    participant: str
    name: str
    text: str


@dataclass(frozen=True)
class PlacedNote:
    """`note` is an object as the web gave it."""

    at_ms: int
    note: dict[str, JsonValue]


def cues(story: LogSummary, timeline: Timeline, name: Name) -> list[Cue]:
    """Return the captions in the order of their begin."""
    made = []
    for came_us, caption in story.captions:
        start = round(timeline.place_us(caption.start_ms * 1000) / 1000)
        end = round(timeline.place_us(came_us) / 1000)
        end = min(max(end, start + LEAST_CUE_MS), start + MOST_CUE_MS, timeline.duration_ms)
        if caption.text and 0 <= start < end:
            speaker = caption.participant
            made.append(Cue(start, end, speaker, name(speaker), caption.text))
    return sorted(made, key=lambda cue: cue.start_ms)


def webvtt(captions: Sequence[Cue]) -> str:
    """Return the captions as WebVTT, with a voice tag for each speaker."""
    blocks = ["WEBVTT"]
    for cue in captions:
        times = f"{clock(cue.start_ms)} --> {clock(cue.end_ms)}"
        blocks.append(f"{times}\n<v {_escaped(cue.name)}>{_escaped(cue.text)}</v>")
    return "\n\n".join(blocks) + "\n"


def clock(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _escaped(text: str) -> str:
    # An empty line would end the cue (WebVTT §4.1), and with `>` written out there is no arrow.
    text = re.sub(r"\s+", " ", text).replace("&", "&amp;")
    return text.replace("<", "&lt;").replace(">", "&gt;")


def chapters(story: LogSummary, timeline: Timeline, name: Name) -> list[Chapter]:
    """Return who led the talk when; a short word in between belongs to the chapter around it."""
    made: list[Chapter] = []
    for moment in story.moments:
        if moment.active is None:
            continue
        start = max(round(timeline.place_us(moment.at_us) / 1000), 0)
        if not made or moment.active != made[-1].participant:
            if made:
                made[-1].end_ms = start
            made.append(Chapter(start, start, moment.active, name(moment.active)))
    if made:
        made[0].start_ms, made[-1].end_ms = 0, timeline.duration_ms
    least = LEAST_CHAPTER_MS
    merged = _merge(made, least)
    while len(merged) > MOST_CHAPTERS:
        least *= 2
        merged = _merge(made, least)
    return [chapter for chapter in merged if chapter.end_ms > chapter.start_ms]


def _merge(parts: Sequence[Chapter], least_ms: int) -> list[Chapter]:
    merged: list[Chapter] = []
    for part in parts:
        is_short = part.end_ms - part.start_ms < least_ms
        if merged and (is_short or merged[-1].participant == part.participant):
            merged[-1].end_ms = part.end_ms
        elif merged and merged[-1].end_ms - merged[-1].start_ms < least_ms:
            # What was short at the begin had nothing before it to belong to.
            merged[-1] = Chapter(merged[-1].start_ms, part.end_ms, part.participant, part.name)
        else:
            merged.append(Chapter(part.start_ms, part.end_ms, part.participant, part.name))
    return merged


def notes(story: LogSummary, timeline: Timeline) -> list[PlacedNote]:
    """Return the notes with their places; those from before the begin are at 0."""
    return [
        PlacedNote(max(round(timeline.place_us(at_us) / 1000), 0), note)
        for at_us, note in story.notes
    ]
