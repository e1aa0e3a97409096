"""A copy of a user's data: a zip of JSON and media, for its owner alone.

A worker writes it; the page asks how far it is.
"""

import json
import os
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.extension_points import registry
from accounts.extension_points.data_export import Media, Rows
from accounts.models import DataExport, User
from accounts.services import security_letters
from config.celery import app
from config.limits import LIMITS

LINK_S = 3600  # A link is made anew each time the page is opened.
LOST_S = 60  # A task that has not begun after this was lost, for example with the broker.
STALE_S = 600  # A run that has not moved for so long has died with its worker.
COPY_BYTES = 1 << 20  # Held in memory at a time.
_SALT = "accounts.export"
State = DataExport.State


class TooSoonError(Exception):
    """The last copy is under way, or younger than `LIMITS.export_every_s`."""


def newest(owner: User) -> DataExport | None:
    return DataExport.objects.filter(owner=owner).order_by("-id").first()


def may_ask(owner: User) -> bool:
    """True if nothing is under way, and the last one is older than `LIMITS.export_every_s`.

    One that failed does not count.
    """
    since = timezone.now() - timedelta(seconds=LIMITS.export_every_s)
    under_way = Q(state__in=[State.WAITING, State.RUNNING])
    recent = Q(state=State.READY, created_at__gt=since)
    return not DataExport.objects.filter(under_way | recent, owner=owner).exists()


def ask(owner: User) -> DataExport:
    """Begin a copy. Raises TooSoonError."""
    if not may_ask(owner):
        raise TooSoonError
    try:
        with transaction.atomic():
            export = DataExport.objects.create(owner=owner)
            security_letters.write(owner, security_letters.Kind.COPY)
            transaction.on_commit(
                # By name, because the tasks import this module.
                lambda: app.send_task("accounts.tasks.make_export", [export.pk]),
                robust=True,
            )
    except IntegrityError as error:  # Two clicks at once: the constraint lets one through.
        raise TooSoonError from error
    return export


def lost() -> list[int]:
    """Return the ids of those that wait longer than a worker needs to begin."""
    since = timezone.now() - timedelta(seconds=LOST_S)
    waiting = DataExport.objects.filter(state=State.WAITING, created_at__lt=since)
    return list(waiting.values_list("pk", flat=True))


def run(pk: int) -> bool:
    """Make the copy if nobody else does; True if it is ready. May run twice: the row is claimed."""
    claimed = DataExport.objects.filter(pk=pk, state=State.WAITING).update(
        state=State.RUNNING, touched_at=timezone.now()
    )
    if not claimed:
        return False
    export = DataExport.objects.select_related("owner").get(pk=pk)
    path = _path(pk)
    draft = path.with_suffix(".part")
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        _write(export, draft)
    except BaseException:  # Also when the worker is told to stop.
        draft.unlink(missing_ok=True)
        DataExport.objects.filter(pk=pk).update(state=State.FAILED)
        raise
    os.replace(draft, path)
    # Only if it is still running: the sweep may have given it up, or the account was deleted.
    is_ours = DataExport.objects.filter(pk=pk, state=State.RUNNING).update(
        state=State.READY,
        percent=100,
        size_bytes=path.stat().st_size,
        expires_at=timezone.now() + timedelta(seconds=LIMITS.export_life_s),
    )
    if not is_ours:
        path.unlink(missing_ok=True)
    return bool(is_ours)


def _write(export: DataExport, path: Path) -> None:
    """Write folder by folder; memory holds one row or one piece of a file at a time."""
    folders = [kind.export for kind in registry.kinds() if kind.export]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for number, folder in enumerate(folders):
            for part in folder.collect(export.owner):
                _write_part(zipped, f"{folder.folder}/{part.name}", part)
                _tick(export, (number + 0.5) / len(folders))
            _tick(export, (number + 1) / len(folders))


def _tick(export: DataExport, share: float) -> None:
    """Store how far it is: once for each percent, and often enough not to count as dead."""
    percent = min(99, int(share * 100))
    now = timezone.now()
    is_due = now - export.touched_at > timedelta(seconds=STALE_S / 10)
    if percent != export.percent or is_due:
        export.percent = percent
        export.touched_at = now
        DataExport.objects.filter(pk=export.pk).update(percent=percent, touched_at=now)


def _write_part(zipped: zipfile.ZipFile, name: str, part: Rows | Media) -> None:
    """Write rows as JSON, or copy a stored file; nothing for a file that is gone."""
    if isinstance(part, Rows):
        with zipped.open(f"{name}.json", "w") as out:
            out.write(b"[")
            for number, row in enumerate(part.rows):
                out.write(b",\n" if number else b"\n")
                text = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
                out.write(text.encode())
            out.write(b"\n]\n")
        return
    try:
        source = default_storage.open(part.stored)
    except OSError:
        return
    # A ZipInfo made by hand is stored: pictures and sounds are compressed already.
    info = zipfile.ZipInfo(name, timezone.now().timetuple()[:6])
    # Its size is not known before, and zip without the extension ends at 2 GiB.
    with source, zipped.open(info, "w", force_zip64=True) as out:
        shutil.copyfileobj(source, out, COPY_BYTES)


def _path(pk: int) -> Path:
    """Return where the zip is: outside MEDIA_ROOT, so that only the signed address leads there."""
    return Path(settings.DATA_DIR) / "exports" / f"{pk}.zip"


def link_key(export: DataExport) -> str:
    return TimestampSigner(salt=_SALT).sign(f"{export.pk}-{export.owner_id}")


def open_for(viewer: User, key: str) -> Path | None:
    """Return the file for a key that is genuine, fresh and the viewer's own; else None."""
    try:
        pk, owner = TimestampSigner(salt=_SALT).unsign(key, max_age=LINK_S).split("-")
    except BadSignature:
        return None
    rows = DataExport.objects.filter(
        pk=pk, owner=viewer, state=State.READY, expires_at__gt=timezone.now()
    )
    if int(owner) != viewer.pk or not rows.exists():
        return None
    path = _path(int(pk))
    return path if path.exists() else None


def sweep() -> int:
    """Remove copies whose time is over; give up on those that died. Return how many files went."""
    stale = timezone.now() - timedelta(seconds=STALE_S)
    under_way = DataExport.objects.filter(state__in=[State.WAITING, State.RUNNING])
    under_way.filter(touched_at__lt=stale).update(state=State.FAILED)
    over = DataExport.objects.filter(expires_at__lte=timezone.now())
    removed = _remove(list(over))
    # Files without a row that is ready: what runs that died have written.
    ready = DataExport.objects.filter(state=State.READY).values_list("pk", flat=True)
    kept = {_path(pk) for pk in ready}
    # A younger file may be one that a worker writes right now.
    oldest_s = timezone.now().timestamp() - STALE_S
    for path in _path(0).parent.glob("*"):
        if path not in kept and path.stat().st_mtime < oldest_s:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def remove_all(owner: User) -> None:
    _remove(list(DataExport.objects.filter(owner=owner)))


def _remove(rows: list[DataExport]) -> int:
    for row in rows:
        _path(row.pk).unlink(missing_ok=True)
        row.delete()
    return len(rows)
