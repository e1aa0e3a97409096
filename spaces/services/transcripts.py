"""What was said, kept: of recorded Spaces from the replay, of others from the captions where the
host chose so.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from django.apps import AppConfig
from django.db.models import QuerySet

from accounts.models import User
from config.db import full_text
from config.limits import LIMITS
from spaces.models import Space, SpaceQuerySet, TranscriptLine
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.services import captions

SHORTEST_MS = 1500
CHARS_PER_S = 15  # How fast people talk; a live caption has no end of its own.
LINES = 20_000  # Twelve hours of talk have about half of that.
SAID = full_text.Index("spaces_transcriptline", ("text",))
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """One line that has the words, and the Space it was said in."""

    space: Space
    line: TranscriptLine


def of(space: Space, viewer: User | None) -> QuerySet[TranscriptLine]:
    """Return what the viewer may read of what was said, in its order."""
    lines: QuerySet[TranscriptLine] = TranscriptLine.objects.filter(space=space).visible_to(viewer)
    return lines.select_related("speaker")


def search(query: str, viewer: User | None, limit: int = 20) -> list[Found]:
    """Return the newest Spaces in which a line has every word of `query`, each with its first such
    line.
    """
    lines = full_text.matching(
        TranscriptLine.objects.visible_to(viewer), SAID, full_text.words(query)
    )
    ids = lines.order_by("-space_id").values_list("space_id", flat=True).distinct()[:limit]
    spaces: SpaceQuerySet = Space.objects.filter(pk__in=list(ids)).visible_to(viewer).with_people()
    return [Found(space, _first(lines, space)) for space in spaces.order_by("-ended_at", "-id")]


def _first(lines: QuerySet[TranscriptLine], space: Space) -> TranscriptLine:
    return lines.filter(space=space).order_by("start_ms")[0]


def keep_index(app: AppConfig) -> None:
    """Called once, from AppConfig.ready(): what was said is searched like posts."""
    full_text.keep(SAID, app)


def correct(line: TranscriptLine, actor: User, text: str) -> TranscriptLine:
    """Put right what the engine misheard. Raises RoomError: not_allowed, bad_text."""
    if line.space.host_id != actor.pk:
        raise RoomError(ErrorCode.NOT_ALLOWED)
    cleaned = " ".join(text.replace("\0", "").split())
    if not cleaned or len(cleaned) > LIMITS.caption_chars:
        raise RoomError(ErrorCode.BAD_TEXT)
    line.text, line.is_corrected = cleaned, True
    line.save(update_fields=["text", "is_corrected"])
    return line


def delete(space: Space) -> None:
    TranscriptLine.objects.filter(space=space).delete()


# --- from the replay ------------------------------------------------------------------------------


# Any: JSON of our own renderer.
def take_over(space: Space, said: Sequence[dict[str, Any]]) -> None:
    """Make the lines those of the rendered replay. What the host has corrected stays corrected.

    The same line is found again by who said what, and when: cutting the beginning moves all of them
    by as much.
    """
    corrected = list(TranscriptLine.objects.filter(space=space, is_corrected=True))
    TranscriptLine.objects.filter(space=space).delete()
    fresh = list(_unique(_line(space, each) for each in said[:LINES] if str(each["text"]).strip()))
    _keep_corrections(fresh, corrected)
    known = set(
        User.objects.filter(pk__in={line.speaker_id for line in fresh}).values_list("pk", flat=True)
    )
    for line in fresh:
        line.speaker_id = line.speaker_id if line.speaker_id in known else None
    TranscriptLine.objects.bulk_create(fresh, batch_size=500)


def _line(space: Space, said: dict[str, Any]) -> TranscriptLine:  # Any: JSON of our own renderer.
    text = str(said["text"])[: LIMITS.caption_chars]
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


def _unique(lines: Iterable[TranscriptLine]) -> Iterable[TranscriptLine]:
    seen: set[tuple[int | None, int]] = set()
    for line in lines:
        key = (line.speaker_id, line.start_ms)
        if key not in seen:
            seen.add(key)
            yield line


def _keep_corrections(fresh: list[TranscriptLine], corrected: list[TranscriptLine]) -> None:
    """Carry corrected words over to the same lines: by speaker and what was heard, in the order
    they were said.
    """
    waiting: dict[tuple[int | None, str], list[TranscriptLine]] = {}
    for line in sorted(corrected, key=lambda line: line.start_ms, reverse=True):
        waiting.setdefault((line.speaker_id, line.said), []).append(line)
    for line in reversed(fresh):  # The end is there however much of the beginning was cut.
        same = waiting.get((line.speaker_id, line.said))
        if same:
            line.text, line.is_corrected = same.pop(0).text, True


# --- from the captions ----------------------------------------------------------------------------


def keep_running(now: datetime) -> int:
    """Store the newest captions of live Spaces that keep a transcript without being recorded;
    return how many lines.

    Called every few seconds, and five minutes of lines wait in Redis: a worker may be away for a
    while.
    """
    kept = Space.objects.filter(
        transcript_wanted=True, recording__isnull=True, started_at__isnull=False
    )
    recently = now.timestamp() - LIMITS.captions_kept_s
    live = list(kept.filter(state=Space.State.LIVE))
    ended = kept.filter(
        state=Space.State.ENDED, ended_at__gte=datetime.fromtimestamp(recently, tz=now.tzinfo)
    )
    return sum(_keep(space) for space in [*live, *ended])


def _keep(space: Space) -> int:
    try:
        said = captions.lines(space.public_id, 0)
    except redis.RedisError as error:
        log.warning("What is said in %s waits: %s", space.public_id, error)
        return 0
    assert space.started_at is not None, "Chosen by the query."
    began_ms = space.started_at.timestamp() * 1000
    rows = [_row(space, line, round(line.start_ms - began_ms)) for line in said]
    stored = TranscriptLine.objects.filter(space=space)
    if stored.count() + len(rows) > LINES:
        return 0
    before = stored.count()
    TranscriptLine.objects.bulk_create(rows, ignore_conflicts=True)
    return stored.count() - before


def _row(space: Space, line: captions.Line, start_ms: int) -> TranscriptLine:
    start_ms = max(0, start_ms)
    end_ms = start_ms + max(SHORTEST_MS, len(line.text) * 1000 // CHARS_PER_S)
    said = {"participant": line.participant, "name": line.name, "text": line.text}
    return _line(space, {**said, "start_ms": start_ms, "end_ms": end_ms})


def as_vtt(lines: Iterable[TranscriptLine]) -> str:
    """Return the lines as WebVTT with a voice tag each (W3C WebVTT §4.2.2)."""
    cues = [
        f"{_clock(line.start_ms)} --> {_clock(max(line.end_ms, line.start_ms + 1))}\n{_cue(line)}"
        for line in lines
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cue(line: TranscriptLine) -> str:
    name = _escaped(line.name).replace("\n", " ")
    return f"<v {name}>{_escaped(line.text)}</v>" if name else _escaped(line.text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{ms:03}"
