"""Short pieces of a replay.

Any user who may watch the replay may cut one, any viewer who may watch it sees them.
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
from config.http.file_response import let_group_read
from config.limits import LIMITS
from config.text import line
from spaces.models import Clip, Recording
from spaces.models.clip import CLIPS
from spaces.models.recording import REPLAYS
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.services import render_process, rendering, replays

SHORTEST_MS = 1000
LEASE_S = 120  # Longer than LONGEST_S, so that no two workers cut the same clip.
ATTEMPTS = 3
HANDED_OUT_AT_ONCE = 20
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
    title = line(title)
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
    if viewer is None:
        return False
    return viewer.pk == clip.by_id or replays.may_delete(clip.recording, viewer)


def delete(clip: Clip, actor: User) -> None:
    """Delete a clip and its files at once. Raises RoomError not_allowed."""
    if not may_delete(clip, actor):
        raise RoomError(ErrorCode.NOT_ALLOWED)
    with transaction.atomic():
        if actor.pk != clip.by_id:
            detail: dict[str, object] = {"clip": clip.public_id}
            replays.log_entry(clip.recording.space, actor, "clip.delete", detail)
        clip.delete()


def on_deleted(sender: type[Clip], instance: Clip, **_signal: object) -> None:
    """Remove the files of a row that is gone; with a whole recording its folder goes."""
    recordings = Recording.objects.filter(pk=instance.recording_id)
    folder = recordings.values_list("folder", flat=True).first()
    if folder is not None:
        path = Path(settings.MEDIA_ROOT) / REPLAYS / folder / CLIPS / instance.public_id
        transaction.on_commit(partial(shutil.rmtree, path, ignore_errors=True))


# --- cutting --------------------------------------------------------------------------------------


def due(now: datetime) -> list[int]:
    """Return the clips that wait for a worker, the oldest first."""
    return list(_claimable(now).order_by("id").values_list("pk", flat=True)[:HANDED_OUT_AT_ONCE])


def render(pk: int) -> bool:
    """Cut one clip if it is free to be cut; False if there was nothing to do."""
    now = timezone.now()
    free = _claimable(now).filter(pk=pk)
    lease_until = now + timedelta(seconds=LEASE_S)
    if not free.update(lease_until=lease_until, attempts=F("attempts") + 1):
        return False
    clip = Clip.objects.select_related("recording").get(pk=pk)
    replay = Path(settings.MEDIA_ROOT) / clip.recording.media_name / rendering.VIDEO
    folder = clip.media_path
    folder.mkdir(parents=True, exist_ok=True)
    arguments = [
        "media_relay.egress.clip",
        str(replay),
        *("--from", f"{clip.from_ms / 1000:.3f}"),
        *("--to", f"{clip.to_ms / 1000:.3f}"),
        *("--out", str(folder / VIDEO)),
        *("--poster", str(folder / POSTER)),
    ]
    try:
        render_process.run(arguments, LONGEST_S, on_progress=lambda share: None)
    except render_process.Failed:
        # Until then the lease runs out and another worker tries.
        if clip.attempts >= ATTEMPTS:
            Clip.objects.filter(pk=pk).update(state=Clip.State.FAILED)
        return True
    let_group_read(folder)
    size = (folder / VIDEO).stat().st_size
    row = Clip.objects.filter(pk=pk)
    if not row.update(state=Clip.State.READY, size=size, lease_until=None):
        shutil.rmtree(folder, ignore_errors=True)  # Deleted while it was being cut.
    return True


def _claimable(now: datetime) -> QuerySet[Clip]:
    is_free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    waiting = Clip.objects.filter(is_free, state=Clip.State.WAITING, attempts__lt=ATTEMPTS)
    return waiting.filter(recording__state=Recording.State.READY)
