"""Rendering a recording: who does it and when. The log of packets goes in, the files of a replay
come out.

The work is claimed by a conditional UPDATE with a lease that each sign of progress renews, so that
it is done by one worker at a time, however often a task is delivered, and by another one when that
one dies.
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
VIDEO, AUDIO, CAPTIONS, POSTER, REPORT = (
    "replay.mp4",
    "audio.m4a",
    "captions.vtt",
    "poster.jpg",
    "replay.json",
)
FILES = (VIDEO, AUDIO, POSTER)
log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Somebody else has the work, or it is not wanted any more."""


def due(now: datetime) -> list[int]:
    """Return the recording that is next for a worker: a new one, or one whose worker has fallen
    silent.

    One at a time: rendering keeps a worker busy for long, and others have work too.
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
        log.info("Recording %s is somebody else's by now", pk)
    except render_process.Failed as failed:
        _fail(recording, failed.code)
    return True


def _claimable(now: datetime) -> QuerySet[Recording]:
    waiting = Q(state=Recording.State.WAITING, due_at__lte=now)
    abandoned = Q(state=Recording.State.RENDERING, lease_until__lt=now)
    return Recording.objects.filter(waiting | abandoned, space__state=Space.State.ENDED)


def _claim(pk: int, now: datetime) -> Recording | None:
    held = {
        "state": Recording.State.RENDERING,
        "lease_until": now + timedelta(seconds=LEASE_S),
        "progress": 0,
    }
    taken = _claimable(now).filter(pk=pk).update(**held, attempts=F("attempts") + 1)
    return Recording.objects.select_related("space__host").get(pk=pk) if taken else None


def _render(recording: Recording) -> None:
    """Render into a folder of its own and switch to it when all of it is there."""
    version = recording.version + 1
    out = Path(settings.MEDIA_ROOT) / REPLAYS / recording.folder / str(version)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    people = out / "people.json"
    people.write_text(json.dumps(_people(recording)))
    arguments = [
        "media_relay.egress.render",
        str(recording.log_path),
        "--out",
        str(out),
        "--people",
        str(people),
    ]
    arguments += ["--from", f"{recording.from_ms / 1000:.3f}"] if recording.from_ms else []
    render_process.run(arguments, LONGEST_S, lambda share: _renew(recording, share))
    people.unlink()
    _finish(recording, version, json.loads((out / REPORT).read_text()))


def _renew(recording: Recording, share: float) -> None:
    """Store the progress and hold on to the work. Raises LeaseLost."""
    lease_until = timezone.now() + timedelta(seconds=LEASE_S)
    held = Recording.objects.filter(
        pk=recording.pk,
        state=Recording.State.RENDERING,
        attempts=recording.attempts,
        from_ms=recording.from_ms,
    )
    if not held.update(progress=round(share * 100), lease_until=lease_until):
        raise LeaseLost


# Any: JSON of our own renderer.
def _finish(recording: Recording, version: int, report: dict[str, Any]) -> None:
    now = timezone.now()
    with transaction.atomic():
        fresh = Recording.objects.select_for_update().get(pk=recording.pk)
        if fresh.state != Recording.State.RENDERING or fresh.attempts != recording.attempts:
            raise LeaseLost
        fresh.state = Recording.State.READY
        fresh.version = version
        fresh.progress, fresh.attempts, fresh.failure, fresh.lease_until = 100, 0, "", None
        fresh.rendered_at = now
        fresh.expires_at = fresh.expires_at or now + timedelta(seconds=LIMITS.replay_kept_s)
        fresh.duration_ms, fresh.has_video = int(report["duration_ms"]), bool(report["has_video"])
        fresh.chapters = [_chapter(each) for each in report["chapters"]]
        fresh.pins = [_pin(each) for each in report["notes"] if each["note"].get("type") == "pin"]
        fresh.sizes = {name: int(size) for name, size in report["files"].items()}
        fresh.save()
        transcripts.replace_with_rendered(fresh.space, report["captions"])
    _remove_versions(fresh)


def _fail(recording: Recording, code: str) -> None:
    """Try again later, a few times; an empty log stays empty however often one looks."""
    for_good = recording.attempts >= ATTEMPTS or code in ("empty", "unreadable")
    state = Recording.State.FAILED if for_good else Recording.State.WAITING
    due_at = timezone.now() + timedelta(seconds=RETRY_S)
    held = Recording.objects.filter(
        pk=recording.pk, state=Recording.State.RENDERING, attempts=recording.attempts
    )
    held.update(state=state, failure=code, due_at=due_at, lease_until=None)


def _people(recording: Recording) -> dict[str, object]:
    """Return who is who, for names and faces: everybody who was ever on stage."""
    rows = Attendance.objects.filter(space=recording.space, was_on_stage=True).select_related(
        "user"
    )
    people = {
        str(row.user_id): {"name": row.user.name, "avatar": _avatar(row.user)} for row in rows
    }
    return {"title": recording.space.title, "people": people}


def _avatar(user: User) -> str | None:
    name = user.avatar.name if user.avatar else None
    return str(user.avatar.path) if name and default_storage.exists(name) else None


def _chapter(values: dict[str, Any]) -> dict[str, object]:  # Any: JSON of our own renderer.
    participant = values["participant"]
    user = None if participant is None else int(participant)
    return {
        "start_ms": int(values["start_ms"]),
        "end_ms": int(values["end_ms"]),
        "user": user,
        "name": values["name"],
    }


def _pin(values: dict[str, Any]) -> dict[str, int]:  # Any: JSON of our own renderer.
    return {"at_ms": max(0, int(values["at_ms"])), "post": int(values["note"]["post"])}


def _remove_versions(recording: Recording) -> None:
    """Remove what was rendered before the newest; somebody who plays it asks for the new address."""
    folder = Path(settings.MEDIA_ROOT) / REPLAYS / recording.folder
    for each in folder.iterdir():
        if each.name.isdigit() and int(each.name) != recording.version:
            shutil.rmtree(each, ignore_errors=True)
