"""Short pieces of a replay: cut by whoever may watch it and has an account, seen by whoever may
watch it.
"""

import logging
import shutil
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from config.limits import LIMITS
from spaces.models import Clip, Recording
from spaces.models.clip import CLIPS
from spaces.models.recording import REPLAYS
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.services import render_process, rendering, replays

SHORTEST_MS = 1000
LEASE_S = 120
ATTEMPTS = 3
LONGEST_S = 100  # To cut half a minute takes seconds.
VIDEO, POSTER = "clip.mp4", "clip.jpg"
FILES = (VIDEO, POSTER)
log = logging.getLogger(__name__)


def cut(recording: Recording, by: User, from_ms: int, to_ms: int, title: str = "") -> Clip:
    """Return a new clip, which a worker cuts in a moment.

    Raises RoomError: not_ready, bad_time, bad_title, too_many.
    """
    if recording.state != Recording.State.READY:
        raise RoomError(ErrorCode.NOT_READY)
    to_ms = min(to_ms, recording.duration_ms)
    if from_ms < 0 or not SHORTEST_MS <= to_ms - from_ms <= LIMITS.clip_s * 1000:
        raise RoomError(ErrorCode.BAD_TIME)
    title = " ".join(title.replace("\0", "").split())
    if len(title) > LIMITS.space_title_chars:
        raise RoomError(ErrorCode.BAD_TITLE)
    with transaction.atomic():
        # Two forms sent at once count each other.
        Recording.objects.select_for_update().get(pk=recording.pk)
        if recording.clips.count() >= LIMITS.clips_per_replay:
            raise RoomError(ErrorCode.TOO_MANY)
        return Clip.objects.create(
            recording=recording, by=by, from_ms=from_ms, to_ms=to_ms, title=title
        )


def may_delete(clip: Clip, viewer: User | None) -> bool:
    """True for who cut it, for the host and for staff."""
    return viewer is not None and (
        viewer.pk == clip.by_id or replays.may_delete(clip.recording, viewer)
    )


def delete(clip: Clip, actor: User) -> None:
    """Delete a clip and its files at once. Raises RoomError not_allowed."""
    if not may_delete(clip, actor):
        raise RoomError(ErrorCode.NOT_ALLOWED)
    clip.delete()


def on_deleted(sender: type[Clip], instance: Clip, **_signal: object) -> None:
    """The row is gone, whoever took it away: so are the files.

    With the whole recording its folder goes.
    """
    folder = (
        Recording.objects.filter(pk=instance.recording_id).values_list("folder", flat=True).first()
    )
    if folder is not None:
        path = Path(settings.MEDIA_ROOT) / REPLAYS / folder / CLIPS / instance.public_id
        transaction.on_commit(partial(shutil.rmtree, path, ignore_errors=True))


def folder_of(clip: Clip) -> Path:
    return Path(settings.MEDIA_ROOT) / clip.media_name


# --- cutting --------------------------------------------------------------------------------------


def due(now: datetime) -> list[int]:
    """Return the clips that wait for a worker, the oldest first."""
    return list(_claimable(now).order_by("id").values_list("pk", flat=True)[:20])


def render(pk: int) -> bool:
    """Cut one clip if it is free to be cut; False if there was nothing to do."""
    now = timezone.now()
    held = _claimable(now).filter(pk=pk)
    if not held.update(lease_until=now + timedelta(seconds=LEASE_S), attempts=F("attempts") + 1):
        return False
    clip = Clip.objects.select_related("recording").get(pk=pk)
    try:
        _cut(clip)
    except render_process.Failed:
        if clip.attempts >= ATTEMPTS:
            Clip.objects.filter(pk=pk).update(state=Clip.State.FAILED)
    return True


def _claimable(now: datetime) -> QuerySet[Clip]:
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    waiting = Clip.objects.filter(free, state=Clip.State.WAITING, attempts__lt=ATTEMPTS)
    return waiting.filter(recording__state=Recording.State.READY)


def _cut(clip: Clip) -> None:
    source = Path(settings.MEDIA_ROOT) / clip.recording.media_name / rendering.VIDEO
    out = folder_of(clip)
    out.mkdir(parents=True, exist_ok=True)
    arguments = ["media_relay.egress.clip", str(source), "--from", f"{clip.from_ms / 1000:.3f}"]
    arguments += [
        "--to",
        f"{clip.to_ms / 1000:.3f}",
        "--out",
        str(out / VIDEO),
        "--poster",
        str(out / POSTER),
    ]
    render_process.run(arguments, LONGEST_S, lambda share: None)
    size = (out / VIDEO).stat().st_size
    if not Clip.objects.filter(pk=clip.pk).update(
        state=Clip.State.READY, size=size, lease_until=None
    ):
        shutil.rmtree(out, ignore_errors=True)  # Deleted while it was being cut.
