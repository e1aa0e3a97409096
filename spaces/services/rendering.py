"""Rendering a recording: who does it and when.

The packet log goes in, the files of a replay come out. The work is claimed by a conditional UPDATE
with a lease that each sign of progress renews, so that it is done by one worker at a time, however
often a task is delivered, and by another one when that one dies.
"""

import json
import logging
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from config.limits import LIMITS
from spaces.models import Attendance, Recording, Space
from spaces.models.recording import REPLAYS
from spaces.services import render_process, transcripts

LEASE_S = 90  # The renderer speaks every second or two; on a machine that is busy it may be late.
ATTEMPTS = 3
LONGEST_S = 6 * 3600
RETRY_S = 60
# Trying again would change nothing.
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
    """Return the recording that is next for a worker.

    It is a new one, or one whose worker has fallen silent. One at a time: rendering keeps a worker busy for long, and others have work too.
    """
    if Recording.objects.filter(state=Recording.State.RENDERING, lease_until__gte=now).exists():
        return []
    return list(_claimable(now).order_by("due_at", "id").values_list("pk", flat=True)[:1])


def render(pk: int) -> bool:
    """Render one recording if it is free to be; False if there was nothing to do.

    Doing it twice does no harm.
    """
    recording = _claim(pk, timezone.now())
    if recording is None:
        return False
    try:
        _render(recording)
    except LeaseLost:
        log.info("Recording %s is another worker's by now", pk)
    except render_process.Failed as failed:
        _fail(recording, failed.code)
    return True


def _claimable(now: datetime) -> QuerySet[Recording]:
    waiting = Q(state=Recording.State.WAITING, due_at__lte=now)
    abandoned = Q(state=Recording.State.RENDERING, lease_until__lt=now)
    return Recording.objects.filter(waiting | abandoned, space__state=Space.State.ENDED)


def _claim(pk: int, now: datetime) -> Recording | None:
    claimed = (
        _claimable(now)
        .filter(pk=pk)
        .update(
            state=Recording.State.RENDERING,
            lease_until=now + timedelta(seconds=LEASE_S),
            progress=0,
            attempts=F("attempts") + 1,
        )
    )
    return Recording.objects.select_related("space__host").get(pk=pk) if claimed else None


def _render(recording: Recording) -> None:
    """Render into a folder of its own and switch to it when all of it is there."""
    version = recording.version + 1
    folder = Path(settings.MEDIA_ROOT) / REPLAYS / recording.folder / str(version)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    people = folder / "people.json"
    people.write_text(json.dumps(_people(recording)))
    arguments = [
        "media_relay.egress.render",
        str(recording.log_path),
        *("--out", str(folder)),
        *("--people", str(people)),
    ]
    if recording.from_ms:
        arguments += ["--from", f"{recording.from_ms / 1000:.3f}"]
    render_process.run(arguments, LONGEST_S, lambda share: _renew(recording, share))
    people.unlink()
    _finish(recording, version, json.loads((folder / REPORT).read_text()))
    _remove_older_versions(recording.folder, version)


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
        fresh.expires_at = fresh.expires_at or now + timedelta(seconds=LIMITS.replay_kept_s)
        fresh.duration_ms = int(report["duration_ms"])
        fresh.has_video = bool(report["has_video"])
        fresh.chapters = [_chapter(values) for values in report["chapters"]]
        fresh.pins = _pins(report["notes"])
        fresh.sizes = {name: int(size) for name, size in report["files"].items()}
        fresh.save()
        transcripts.replace_with_rendered(fresh.space, report["captions"])


def _chapter(values: dict[str, Any]) -> dict[str, object]:  # Any: JSON of our own renderer.
    participant = values["participant"]
    return {
        "start_ms": int(values["start_ms"]),
        "end_ms": int(values["end_ms"]),
        "user": None if participant is None else int(participant),
        "name": values["name"],
    }


def _pins(notes: list[dict[str, Any]]) -> list[dict[str, int]]:  # Any: JSON of our own renderer.
    pins = []
    for values in notes:
        note = values["note"]
        if note.get("type") == "pin":
            pins.append({"at_ms": max(0, int(values["at_ms"])), "post": int(note["post"])})
    return pins


def _fail(recording: Recording, code: str) -> None:
    """Try again later, a few times; an empty log stays empty however often one looks."""
    is_final = recording.attempts >= ATTEMPTS or code in FINAL_FAILURES
    _held(recording).update(
        state=Recording.State.FAILED if is_final else Recording.State.WAITING,
        failure=code,
        due_at=timezone.now() + timedelta(seconds=RETRY_S),
        lease_until=None,
    )


def _people(recording: Recording) -> dict[str, object]:
    """Return who is who, for names and faces: everybody who was ever on stage."""
    rows = Attendance.objects.filter(space=recording.space, was_on_stage=True)
    people = {}
    for row in rows.select_related("user"):
        people[str(row.user_id)] = {"name": row.user.name, "avatar": _avatar_path(row.user)}
    return {"title": recording.space.title, "people": people}


def _avatar_path(user: User) -> str | None:
    name = user.avatar.name if user.avatar else None
    return str(user.avatar.path) if name and default_storage.exists(name) else None


def _remove_older_versions(folder: str, version: int) -> None:
    """Remove what was rendered before; a page that plays it asks for the new address."""
    for path in (Path(settings.MEDIA_ROOT) / REPLAYS / folder).iterdir():
        if path.name.isdigit() and int(path.name) != version:
            shutil.rmtree(path, ignore_errors=True)
