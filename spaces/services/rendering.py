"""Rendering a recording: who does it and when.

The packet log goes in, the files of a replay come out. The work is claimed by a conditional UPDATE
with a lease that each sign of progress renews, so that it is done by one worker at a time, however
often a task is delivered, and by another one when that one dies.
"""

import fcntl
import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from config.http.file_response import let_group_read
from config.limits import LIMITS
from spaces.models import Attendance, Recording, Space
from spaces.models.recording import REPLAYS
from spaces.services import render_process, transcripts

LEASE_S = 90  # Renewed every second or two, and every 15 s at least (render_process.BEAT_S).
HANDED_OUT = 8  # At a time; a worker takes what it has room for.
ATTEMPTS = 3
LONGEST_S = 6 * 3600
RETRY_S = 60
# Trying again would change nothing.
SHORTEST_GAP_MS = 1000  # Of a hole that the chapters name.
FINAL_FAILURES = ("empty", "unreadable")
VIDEO = "replay.mp4"
AUDIO = "audio.m4a"
CAPTIONS = "captions.vtt"
POSTER = "poster.jpg"
REPORT = "replay.json"
FILES = (VIDEO, AUDIO, POSTER)
log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has the work, or it is not wanted any more."""


def due(now: datetime) -> list[int]:
    """Return the recordings that are next: new ones, and those whose worker has fallen silent."""
    return list(_claimable(now).order_by("due_at", "id").values_list("pk", flat=True)[:HANDED_OUT])


def render(pk: int) -> bool:
    """Render one recording if it is free to be and this machine has room; else return False.

    Doing it twice does no harm.
    """
    with _room_for_one() as has_room:
        return has_room and _claim_and_render(pk)


@contextmanager
def _room_for_one() -> Iterator[bool]:
    """Hold a place among the renderings of this machine; False if none is free.

    Rendering keeps a process busy for long, and one process is left to what does not. The place
    is a lock of the kernel's, which whoever dies lets go of.
    """
    for number in range(max(1, settings.ENV.worker_processes - 1)):
        with (settings.DATA_DIR / f"rendering-{number}.lock").open("w") as place:
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield True
            return
    yield False


def _claim_and_render(pk: int) -> bool:
    now = timezone.now()
    is_claimed = (
        _claimable(now)
        .filter(pk=pk)
        .update(
            state=Recording.State.RENDERING,
            lease_until=now + timedelta(seconds=LEASE_S),
            progress=0,
            attempts=F("attempts") + 1,
        )
    )
    if not is_claimed:
        return False
    recording = Recording.objects.select_related("space__host").get(pk=pk)
    if recording.attempts > 1:
        log.warning("Recording %s is rendered again: attempt %s", pk, recording.attempts)
    try:
        _render(recording)
    except LeaseLost:
        log.warning("Recording %s is another worker's by now, or not wanted any more", pk)
    except render_process.Failed as failed:
        is_final = recording.attempts >= ATTEMPTS or failed.code in FINAL_FAILURES
        _held(recording).update(
            state=Recording.State.FAILED if is_final else Recording.State.WAITING,
            failure=failed.code,
            due_at=timezone.now() + timedelta(seconds=RETRY_S),
            lease_until=None,
        )
    return True


def _claimable(now: datetime) -> QuerySet[Recording]:
    waiting = Q(state=Recording.State.WAITING, due_at__lte=now)
    abandoned = Q(state=Recording.State.RENDERING, lease_until__lt=now)
    return Recording.objects.filter(waiting | abandoned, space__state=Space.State.ENDED)


def _render(recording: Recording) -> None:
    """Render into a folder of its own and switch to it when all of it is there.

    Raises LeaseLost, render_process.Failed.
    """
    version = recording.version + 1
    versions = Path(settings.MEDIA_ROOT) / REPLAYS / recording.folder
    folder = versions / str(version)
    shutil.rmtree(folder, ignore_errors=True)  # Of a worker that died.
    folder.mkdir(parents=True)
    # Names and faces of all who were ever on stage; the packet log knows only ids.
    people = {}
    rows = Attendance.objects.filter(space=recording.space, was_on_stage=True)
    for row in rows.select_related("user"):
        avatar = row.user.avatar
        has_file = bool(avatar) and default_storage.exists(str(avatar.name))
        people[str(row.user_id)] = {
            "name": row.user.name,
            "avatar": str(avatar.path) if has_file else None,
        }
    people_file = folder / "people.json"
    people_file.write_text(json.dumps({"title": recording.space.title, "people": people}))
    arguments = [
        "media_relay.egress.render",
        str(recording.log_path),
        *("--out", str(folder)),
        *("--people", str(people_file)),
    ]
    if recording.from_ms:
        arguments += ["--from", f"{recording.from_ms / 1000:.3f}"]
    render_process.run(arguments, LONGEST_S, lambda share: _renew(recording, share))
    people_file.unlink()
    let_group_read(folder)
    _finish(recording, version, json.loads((folder / REPORT).read_text()))
    # A page that plays an older version asks for the new address.
    for path in versions.iterdir():
        if path.name.isdigit() and int(path.name) != version:
            shutil.rmtree(path, ignore_errors=True)


def _renew(recording: Recording, share: float) -> None:
    """Store the progress and hold on to the work. Raises LeaseLost."""
    lease_until = timezone.now() + timedelta(seconds=LEASE_S)
    # The host may have moved the beginning meanwhile; then this rendering is of no use.
    held = _held(recording).filter(from_ms=recording.from_ms)
    if not held.update(progress=round(share * 100), lease_until=lease_until):
        raise LeaseLost


def _held(recording: Recording) -> QuerySet[Recording]:
    """Return the row if this worker still has the work: each claim counts one attempt more."""
    return Recording.objects.filter(
        pk=recording.pk, state=Recording.State.RENDERING, attempts=recording.attempts
    )


# Any: JSON of our own renderer.
def _finish(recording: Recording, version: int, report: dict[str, Any]) -> None:
    """Switch to the new files. Raises LeaseLost."""
    now = timezone.now()
    # Under the lock: the host may delete the replay or move its beginning at this moment.
    with transaction.atomic():
        fresh = _held(recording).select_for_update().first()
        if fresh is None:
            raise LeaseLost
        fresh.state = Recording.State.READY
        fresh.version = version
        fresh.progress = 100
        fresh.attempts = 0
        fresh.failure = ""
        fresh.lease_until = None
        fresh.rendered_at = now
        # Rendering it again does not make it live longer.
        fresh.expires_at = fresh.expires_at or now + timedelta(seconds=LIMITS.replay_kept_s)
        fresh.duration_ms = int(report["duration_ms"])
        fresh.has_video = bool(report["has_video"])
        fresh.chapters = []
        for values in report["chapters"]:
            participant = values["participant"]
            chapter = {
                "start_ms": int(values["start_ms"]),
                "end_ms": int(values["end_ms"]),
                "user": None if participant is None else int(participant),
                "name": values["name"],
            }
            fresh.chapters.append(chapter)
        fresh.chapters = with_gaps(fresh.chapters, report.get("gaps", []))
        fresh.pins = []
        for values in report["notes"]:
            note = values["note"]
            if note.get("type") == "pin":
                # One that hung already when the recording began may lie a little before it.
                at_ms = max(0, int(values["at_ms"]))
                fresh.pins.append({"at_ms": at_ms, "post": int(note["post"])})
        fresh.sizes = {name: int(size) for name, size in report["files"].items()}
        fresh.save()
        transcripts.replace_with_rendered(fresh.space, report["captions"])


# Any: JSON of our own renderer.
def with_gaps(chapters: list[dict[str, Any]], gaps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the chapters with one, of nobody, wherever nothing was recorded for a second or more.

    Who was in the lead before such a hole has the lead again after it.
    """
    marked = list(chapters)
    for gap in gaps:
        start_ms, end_ms = int(gap["start_ms"]), int(gap["end_ms"])
        if end_ms - start_ms < SHORTEST_GAP_MS:
            continue
        cut = []
        for chapter in marked:
            if chapter["start_ms"] < start_ms:
                cut.append(chapter | {"end_ms": min(chapter["end_ms"], start_ms)})
            if chapter["end_ms"] > end_ms:
                cut.append(chapter | {"start_ms": max(chapter["start_ms"], end_ms)})
        hole = {"start_ms": start_ms, "end_ms": end_ms, "user": None, "name": "", "is_gap": True}
        marked = sorted([*cut, hole], key=lambda chapter: int(chapter["start_ms"]))
    return marked
