"""A replay: who may watch it, what the host may do with it, when it goes."""

import shutil
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from config.limits import LIMITS
from posts.models import Post
from spaces.models import AuditEntry, Clip, Recording, Space
from spaces.models.recording import LOGS, REPLAYS
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.services import transcripts

SHORTEST_MS = 1000  # Of what is left when the host moves the beginning.
SWEPT_AT_ONCE = 100
ORPHAN_AGE_S = 86400  # A younger folder may be of a row that is not committed yet.


# --- looking --------------------------------------------------------------------------------------


def find_for(space: Space, viewer: User | None) -> Recording | None:
    """Return the Space's recording in whatever state, if this viewer may know of it.

    None while it runs and once it is deleted.
    """
    recordings = Recording.objects.filter(space=space).visible_to(viewer)
    hidden = (Recording.State.DELETED, Recording.State.RUNNING)
    found: Recording | None = recordings.exclude(state__in=hidden).select_related("space").first()
    return found


def may_manage(recording: Recording, viewer: User | None) -> bool:
    """True for the host: sets the start, downloads, deletes, corrects."""
    return viewer is not None and viewer.pk == recording.space.host_id


def may_delete(recording: Recording, viewer: User | None) -> bool:
    """True for the host and for staff (RULES §4)."""
    return viewer is not None and (viewer.acts_as_staff or may_manage(recording, viewer))


def pins_for(recording: Recording, viewer: User | None) -> list[tuple[int, Post]]:
    """Return the pinned posts that visitors, and the viewer, may see.

    Each with the millisecond it was pinned at.
    """
    visible = Post.objects.visible_to(None).filter(pk__in=Post.objects.visible_to(viewer))
    posts = visible.select_related("author").in_bulk({pin["post"] for pin in recording.pins})
    return [(pin["at_ms"], posts[pin["post"]]) for pin in recording.pins if pin["post"] in posts]


# --- what the host may do -------------------------------------------------------------------------


def set_start(recording: Recording, actor: User, from_ms: int) -> None:
    """Leave out what was before `from_ms` of the whole recording; it is rendered again.

    Raises RoomError: not_allowed, not_ready, bad_time.
    """
    _require(may_manage(recording, actor))
    if recording.state != Recording.State.READY or not recording.log_path.is_dir():
        raise RoomError(ErrorCode.NOT_READY)
    whole_ms = recording.from_ms + recording.duration_ms
    if not 0 <= from_ms <= whole_ms - SHORTEST_MS:
        raise RoomError(ErrorCode.BAD_TIME)
    _render_again(recording, actor, "replay.start", from_ms)


def retry(recording: Recording, actor: User) -> None:
    """Try once more what could not be rendered. Raises RoomError: not_allowed, not_ready."""
    _require(may_manage(recording, actor))
    if recording.state != Recording.State.FAILED:
        raise RoomError(ErrorCode.NOT_READY)
    _render_again(recording, actor, "replay.retry", recording.from_ms)


def _render_again(recording: Recording, actor: User, action: str, from_ms: int) -> None:
    with transaction.atomic():
        # Only if nobody else has set it going since it was read.
        unchanged = Recording.objects.filter(pk=recording.pk, state=recording.state)
        is_waiting = unchanged.update(
            state=Recording.State.WAITING,
            due_at=timezone.now(),
            attempts=0,
            failure="",
            from_ms=from_ms,
            progress=0,
        )
        if not is_waiting:
            raise RoomError(ErrorCode.NOT_READY)
        log_entry(recording.space, actor, action, {"from_ms": from_ms})


def delete(recording: Recording, actor: User) -> None:
    """Delete the replay with all of its files, log and clips, at once.

    Raises RoomError not_allowed.
    """
    _require(may_delete(recording, actor))
    with transaction.atomic():
        log_entry(recording.space, actor, "replay.delete", {})
        _delete(recording)


def _require(is_allowed: bool) -> None:
    if not is_allowed:
        raise RoomError(ErrorCode.NOT_ALLOWED)


def log_entry(space: Space, actor: User, action: str, detail: dict[str, object]) -> None:
    """Write what the host or staff did to a replay or its clips into the log of the Space."""
    role = "host" if actor.pk == space.host_id else "moderator"
    AuditEntry.objects.create(
        space=space,
        actor=actor,
        actor_handle=actor.handle,
        actor_role=role,
        action=action,
        detail=detail,
        at=timezone.now(),
    )


# --- the end --------------------------------------------------------------------------------------


def sweep(now: datetime) -> int:
    """Delete replays whose time is over and what crashes left behind; return how many replays went.

    What could not be rendered goes as long after it was recorded.
    """
    oldest = now - timedelta(seconds=LIMITS.replay_kept_s)
    is_expired = Q(expires_at__lte=now)
    was_never_ready = Q(expires_at__isnull=True, stopped_at__lte=oldest)
    over = Recording.objects.filter(is_expired | was_never_ready)
    over = over.exclude(state=Recording.State.DELETED).select_related("space")
    recordings = list(over[:SWEPT_AT_ONCE])
    for recording in recordings:
        with transaction.atomic():
            _delete(recording)
    # Folders that no row knows are of deleted accounts, and of a worker that died while deleting.
    rows = Recording.objects.exclude(state=Recording.State.DELETED)
    known = set(rows.values_list("folder", flat=True))
    for root in (Path(settings.DATA_DIR) / LOGS, Path(settings.MEDIA_ROOT) / REPLAYS):
        for folder in root.iterdir() if root.is_dir() else ():
            age_s = now.timestamp() - folder.stat().st_mtime
            if folder.name not in known and age_s > ORPHAN_AGE_S:
                _remove(folder)
    return len(recordings)


def _delete(recording: Recording) -> None:
    """Delete rows and files.

    The files go after the commit: what a reader cannot find the sweep can.
    """
    Clip.objects.filter(recording=recording).delete()
    # A transcript that the host wanted is kept without the replay.
    if not recording.space.transcript_wanted:
        transcripts.delete(recording.space)
    Recording.objects.filter(pk=recording.pk).update(
        state=Recording.State.DELETED,
        chapters=[],
        pins=[],
        sizes={},
        duration_ms=0,
        lease_until=None,
    )
    transaction.on_commit(partial(_remove, *_folders(recording)))


def on_deleted(sender: type[Recording], instance: Recording, **_signal: object) -> None:
    """Remove the files of a row that is gone with its Space or its host's account."""
    transaction.on_commit(partial(_remove, *_folders(instance)))


def _folders(recording: Recording) -> tuple[Path, Path]:
    return recording.log_path, Path(settings.MEDIA_ROOT) / REPLAYS / recording.folder


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
