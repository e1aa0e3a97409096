"""What was said, kept as text.

Of recorded Spaces it comes from the replay, of others from the captions where the host chose so.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from django.db.models import Q, QuerySet

from accounts.models import User
from config.db import full_text
from config.db.word_index import Index
from config.limits import LIMITS
from config.text import line as one_line
from spaces.models import Space, SpaceQuerySet, TranscriptLine
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.services import captions

SHORTEST_MS = 1500
CHARS_PER_S = 15  # How fast people talk; a live caption has no end of its own.
LINES = 20_000  # Twelve hours of talk have about half of that.
SAID = Index("spaces_transcriptline", ("text",))
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SearchResult:
    """A Space, and the first line in it that has the words."""

    space: Space
    line: TranscriptLine


def lines_for(space: Space, viewer: User | None) -> QuerySet[TranscriptLine]:
    """Return what the viewer may read of what was said, in its order."""
    lines: QuerySet[TranscriptLine] = TranscriptLine.objects.filter(space=space).visible_to(viewer)
    return lines.select_related("speaker")


def search(query: str, viewer: User | None, limit: int = 20) -> list[SearchResult]:
    """Return the newest Spaces in which a line has every word of `query`."""
    visible = TranscriptLine.objects.visible_to(viewer)
    lines = full_text.matching(visible, SAID, full_text.words(query))
    newest = lines.order_by("-space_id").values_list("space_id", flat=True).distinct()[:limit]
    spaces: SpaceQuerySet = Space.objects.filter(pk__in=list(newest)).visible_to(viewer)
    results = []
    for space in spaces.with_people().order_by("-ended_at", "-id"):
        first = lines.filter(space=space).order_by("start_ms")[0]
        results.append(SearchResult(space, first))
    return results


def keep_index() -> None:
    """Called once, from AppConfig.ready(): what was said is searched like posts."""
    full_text.keep(SAID)


def correct(line: TranscriptLine, actor: User, text: str) -> TranscriptLine:
    """Put right what the engine misheard. Raises RoomError: not_allowed, bad_text."""
    if line.space.host_id != actor.pk:
        raise RoomError(ErrorCode.NOT_ALLOWED)
    cleaned = one_line(text)
    if not cleaned or len(cleaned) > LIMITS.caption_chars:
        raise RoomError(ErrorCode.BAD_TEXT)
    line.text = cleaned
    line.is_corrected = True
    line.save(update_fields=["text", "is_corrected"])
    return line


def delete(space: Space) -> None:
    TranscriptLine.objects.filter(space=space).delete()


# --- from the replay ------------------------------------------------------------------------------


# Any: JSON of our own renderer.
def replace_with_rendered(space: Space, said: Sequence[dict[str, Any]]) -> None:
    """Make the lines those of the rendered replay. What the host has corrected stays corrected.

    The same line is found again by who said what, and when: cutting the beginning moves all of them
    by as much.
    """
    stored = TranscriptLine.objects.filter(space=space)
    corrected = list(stored.filter(is_corrected=True))
    stored.delete()
    # By speaker and start, of which the database allows one.
    lines: dict[tuple[int | None, int], TranscriptLine] = {}
    for values in said[:LINES]:
        line = _line(space, values)
        if line.text:
            lines.setdefault((line.speaker_id, line.start_ms), line)
    fresh = list(lines.values())
    # From the last to the first: the end is there however much of the beginning was cut.
    corrections: dict[tuple[int | None, str], list[TranscriptLine]] = {}
    for line in sorted(corrected, key=lambda line: line.start_ms, reverse=True):
        corrections.setdefault((line.speaker_id, line.said), []).append(line)
    for line in reversed(fresh):
        same = corrections.get((line.speaker_id, line.said))
        if same:
            line.text = same.pop(0).text
            line.is_corrected = True
    # The account of a speaker may be gone; the name stays in the line.
    speakers = User.objects.filter(pk__in={line.speaker_id for line in fresh})
    known = set(speakers.values_list("pk", flat=True))
    for line in fresh:
        if line.speaker_id not in known:
            line.speaker_id = None
    TranscriptLine.objects.bulk_create(fresh, batch_size=500)
    full_text.catch_up()


def _line(space: Space, said: dict[str, Any]) -> TranscriptLine:  # Any: JSON of our own renderer.
    # Cleaned here: a line is found again by what it says.
    text = one_line(str(said["text"]))[: LIMITS.caption_chars]
    start_ms = max(0, int(said["start_ms"]))
    return TranscriptLine(
        space=space,
        speaker_id=int(said["participant"]),
        name=str(said["name"])[: LIMITS.display_name_chars],
        start_ms=start_ms,
        end_ms=max(start_ms, int(said["end_ms"])),
        said=text,
        text=text,
    )


# --- from the captions ----------------------------------------------------------------------------


def store_captions(now: datetime) -> int:
    """Store the newest captions of Spaces that keep a transcript without being recorded.

    Return how many lines. Called every few seconds, and five minutes of lines wait in Redis: a
    worker may be away for a while.
    """
    spaces = Space.objects.filter(
        transcript_wanted=True, recording__isnull=True, started_at__isnull=False
    )
    is_live = Q(state=Space.State.LIVE)
    oldest = now - timedelta(seconds=LIMITS.captions_kept_s)
    has_just_ended = Q(state=Space.State.ENDED, ended_at__gte=oldest)
    stored = 0
    for space in spaces.filter(is_live | has_just_ended):
        assert space.started_at is not None, "Chosen by the query."
        try:
            captions_said = captions.lines(space.public_id, 0)
        except redis.RedisError as error:
            log.warning("What is said in %s waits: %s", space.public_id, error)
            continue
        began_ms = space.started_at.timestamp() * 1000
        rows = []
        for caption in captions_said:
            start_ms = max(0, round(caption.start_ms - began_ms))
            length_ms = max(SHORTEST_MS, len(caption.text) * 1000 // CHARS_PER_S)
            values = asdict(caption) | {"start_ms": start_ms, "end_ms": start_ms + length_ms}
            rows.append(_line(space, values))
        kept = TranscriptLine.objects.filter(space=space)
        before = kept.count()
        if before + len(rows) > LINES:
            continue
        # Most of them are there since the last time; the constraint keeps one of each.
        TranscriptLine.objects.bulk_create(rows, ignore_conflicts=True)
        stored += kept.count() - before
    if stored:
        full_text.catch_up()  # Found while it is said (RULES §11).
    return stored


# --- as a file ------------------------------------------------------------------------------------


def as_vtt(lines: Iterable[TranscriptLine]) -> str:
    """Return the lines as WebVTT with a voice tag each (W3C WebVTT §4.2.2)."""
    blocks = ["WEBVTT"]
    for line in lines:
        # A cue that ends when it begins is not valid.
        end_ms = max(line.end_ms, line.start_ms + 1)
        name = _escaped(line.name)
        text = _escaped(line.text)
        if not text:  # Stored before the rule for people's words; an empty cue is none.
            continue
        spoken = f"<v {name}>{text}</v>" if name else text
        blocks.append(f"{_timestamp(line.start_ms)} --> {_timestamp(end_ms)}\n{spoken}")
    return "\n\n".join(blocks) + "\n"


def _escaped(text: str) -> str:
    # An empty line would end the cue (WebVTT §4.1).
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _timestamp(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{ms:03}"
