"""Spaces that were recorded, with files as the renderer leaves them."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from spaces.models import Attendance, Clip, Recording, Space
from spaces.services import clips, rendering, transcripts
from tests.spaces.town import live_space

VIDEO = bytes(range(256)) * 40  # Any bytes do where nobody plays them.


def ended_space(host: User, **fields: Any) -> Space:  # Any: columns of a Space.
    """Return a Space that is over: it lasted ten minutes and its host was on stage."""
    space = live_space(host)
    now = timezone.now()
    values = {
        "state": Space.State.ENDED,
        "started_at": now - timedelta(minutes=10),
        "ended_at": now,
        **fields,
    }
    Space.objects.filter(pk=space.pk).update(**values)
    space.seats.all().delete()
    return Space.objects.get(pk=space.pk)


def waiting(host: User, **fields: Any) -> Recording:  # Any: columns of a recording.
    """Return a recording that waits to be rendered; its log is there."""
    space = ended_space(host)
    values = {
        "state": Recording.State.WAITING,
        "started_at": space.started_at,
        "due_at": timezone.now(),
        **fields,
    }
    recording = Recording.objects.create(space=space, **values)
    recording.log_path.mkdir(parents=True)
    (recording.log_path / "packets.log").write_bytes(b"packets")
    return recording


# Any: JSON.
def report(said: Sequence[tuple[int, int, int, str]] = (), **fields: Any) -> dict[str, Any]:
    """Return what the renderer writes; `said` holds user, start, end and text."""
    captions = [
        {
            "participant": str(user),
            "name": f"user {user}",
            "start_ms": start,
            "end_ms": end,
            "text": text,
        }
        for user, start, end, text in said
    ]
    chapters = [{"start_ms": 0, "end_ms": 60_000, "participant": "1", "name": "Ayu"}]
    sizes = {name: len(VIDEO) for name in rendering.FILES}
    given = {
        "duration_ms": 60_000,
        "has_video": True,
        "chapters": chapters,
        "captions": captions,
        "notes": [],
    }
    return {**given, "gaps": [], "files": sizes, **fields}


def write_files(folder: Path, told: dict[str, Any]) -> None:  # Any: JSON.
    folder.mkdir(parents=True, exist_ok=True)
    for name in rendering.FILES:
        (folder / name).write_bytes(VIDEO)
    (folder / rendering.REPORT).write_text(json.dumps(told))


# Any: columns.
def replay(host: User, said: Sequence[tuple[int, int, int, str]] = (), **fields: Any) -> Recording:
    """Return a replay that is ready, with its files and what was said."""
    recording = waiting(host, state=Recording.State.READY, version=1, duration_ms=60_000, **fields)
    Recording.objects.filter(pk=recording.pk).update(expires_at=timezone.now() + timedelta(days=30))
    told = report(said)
    write_files(Path(settings.MEDIA_ROOT) / recording.media_name, told)
    transcripts.replace_with_rendered(recording.space, told["captions"])
    recording.refresh_from_db()
    return recording


def clip(recording: Recording, by: User) -> Clip:
    """Return a clip that is cut."""
    made = clips.cut(recording, by, 1_000, 11_000, "the best bit")
    folder = made.media_path
    folder.mkdir(parents=True, exist_ok=True)
    for name in clips.FILES:
        (folder / name).write_bytes(VIDEO)
    Clip.objects.filter(pk=made.pk).update(state=Clip.State.READY)
    made.refresh_from_db()
    return made


def came(space: Space, user: User) -> None:
    Attendance.objects.get_or_create(space=space, user=user)
