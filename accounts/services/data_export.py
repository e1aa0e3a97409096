"""Make a copy of somebody's data: a zip of JSON and media, written by a worker, fetched by its
owner alone.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.extension_points import registry
from accounts.extension_points.data_export import Media, Rows
from accounts.models import DataExport, User
from config.celery import app
from config.limits import LIMITS

LINK_S = 3600  # A link is made anew each time the page is opened.
FORGOTTEN_S = 60
STALE_S = 600  # A run that has not moved for so long has died with its worker.
_SALT = "accounts.export"
_CHUNK = 1 << 20


class TooSoonError(Exception):
    """The last copy is under way, or younger than `LIMITS.export_every_s`."""


def newest(owner: User) -> DataExport | None:
    return DataExport.objects.filter(owner=owner).order_by("-id").first()


def may_ask(owner: User) -> bool:
    """True if nothing is under way and the last one that was made is a day old; a failed one does
    not count.
    """
    since = timezone.now() - timedelta(seconds=LIMITS.export_every_s)
    busy = [DataExport.State.WAITING, DataExport.State.RUNNING]
    rows = DataExport.objects.filter(owner=owner)
    return (
        not rows.filter(state__in=busy).exists()
        and not rows.filter(state="ready", created_at__gt=since).exists()
    )


def ask(owner: User) -> DataExport:
    """Begin a copy. Raises TooSoonError."""
    if not may_ask(owner):
        raise TooSoonError
    try:
        with transaction.atomic():
            export = DataExport.objects.create(owner=owner)
            transaction.on_commit(
                # By name, because the tasks import this module.
                lambda: app.send_task("accounts.tasks.make_export", [export.pk]),
                robust=True,
            )
    except IntegrityError as error:  # Two clicks at once: the constraint lets one through.
        raise TooSoonError from error
    return export


def forgotten() -> list[int]:
    """Return what waits longer than a worker needs to begin: its task was lost, for example with
    the broker.
    """
    since = timezone.now() - timedelta(seconds=FORGOTTEN_S)
    waiting = DataExport.objects.filter(state=DataExport.State.WAITING, created_at__lt=since)
    return list(waiting.values_list("pk", flat=True))


def run(pk: int) -> bool:
    """Make the copy if nobody else does; True if it is ready. May run twice: the row is claimed."""
    claimed = DataExport.objects.filter(pk=pk, state=DataExport.State.WAITING).update(
        state=DataExport.State.RUNNING, touched_at=timezone.now()
    )
    if not claimed:
        return False
    export = DataExport.objects.select_related("owner").get(pk=pk)
    draft = _path(pk).with_suffix(".part")
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        _write(export, draft)
    except BaseException:
        draft.unlink(missing_ok=True)
        DataExport.objects.filter(pk=pk).update(state=DataExport.State.FAILED)
        raise
    return _publish(export, draft)


def _publish(export: DataExport, draft: Path) -> bool:
    """Let the owner have it, unless the sweep or the account's end came before."""
    os.replace(draft, _path(export.pk))
    size = _path(export.pk).stat().st_size
    expires_at = timezone.now() + timedelta(seconds=LIMITS.export_life_s)
    values = {
        "state": DataExport.State.READY,
        "percent": 100,
        "size_bytes": size,
        "expires_at": expires_at,
    }
    if DataExport.objects.filter(pk=export.pk, state=DataExport.State.RUNNING).update(**values):
        return True
    _path(export.pk).unlink(missing_ok=True)
    return False


def _write(export: DataExport, path: Path) -> None:
    """Folder by folder, so that memory holds one row or one piece of a file at a time."""
    folders = [kind.export for kind in registry.kinds() if kind.export]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for number, folder in enumerate(folders):
            for part in folder.collect(export.owner):
                if isinstance(part, Rows):
                    _write_rows(zipped, f"{folder.folder}/{part.name}.json", part)
                else:
                    _write_media(zipped, f"{folder.folder}/{part.name}", part)
                _tick(export, (number + 0.5) / len(folders))
            _tick(export, (number + 1) / len(folders))


def _tick(export: DataExport, share: float) -> None:
    """Say how far it is, at most once for each percent."""
    percent = min(99, int(share * 100))
    if percent != export.percent or timezone.now() - export.touched_at > timedelta(
        seconds=STALE_S / 10
    ):
        export.percent, export.touched_at = percent, timezone.now()
        DataExport.objects.filter(pk=export.pk).update(
            percent=percent, touched_at=export.touched_at
        )


def _write_rows(zipped: zipfile.ZipFile, name: str, part: Rows) -> None:
    with zipped.open(name, "w") as out:
        out.write(b"[")
        for number, row in enumerate(part.rows):
            out.write(b",\n" if number else b"\n")
            out.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode())
        out.write(b"\n]\n")


def _write_media(zipped: zipfile.ZipFile, name: str, part: Media) -> None:
    """Pictures and sounds are compressed already, so they are only stored."""
    try:
        source = default_storage.open(part.stored)
    except OSError:
        return
    info = zipfile.ZipInfo(name, timezone.now().timetuple()[:6])
    with source, zipped.open(info, "w", force_zip64=True) as out:
        shutil.copyfileobj(source, out, _CHUNK)


def _path(pk: int) -> Path:
    """Outside MEDIA_ROOT: no address leads there but the signed one."""
    return Path(settings.DATA_DIR) / "exports" / f"{pk}.zip"


def link_key(export: DataExport) -> str:
    return TimestampSigner(salt=_SALT).sign(f"{export.pk}-{export.owner_id}")


def open_for(viewer: User, key: str) -> Path | None:
    """Return the file for a key that is genuine, fresh and the viewer's own; None for anything
    else.
    """
    try:
        pk, owner = TimestampSigner(salt=_SALT).unsign(key, max_age=LINK_S).split("-")
    except BadSignature:
        return None
    rows = DataExport.objects.filter(
        pk=pk, owner=viewer, state=DataExport.State.READY, expires_at__gt=timezone.now()
    )
    if int(owner) != viewer.pk or not rows.exists():
        return None
    path = _path(int(pk))
    return path if path.exists() else None


def sweep() -> int:
    """Remove copies whose time is over; give up on those that died. Return how many files went."""
    stale = timezone.now() - timedelta(seconds=STALE_S)
    under_way = DataExport.objects.filter(
        state__in=[DataExport.State.WAITING, DataExport.State.RUNNING]
    )
    under_way.filter(touched_at__lt=stale).update(state=DataExport.State.FAILED)
    over = DataExport.objects.filter(expires_at__lte=timezone.now())
    return _remove(list(over)) + _remove_strays()


def remove_all(owner: User) -> None:
    _remove(list(DataExport.objects.filter(owner=owner)))


def _remove(rows: list[DataExport]) -> int:
    for row in rows:
        _path(row.pk).unlink(missing_ok=True)
        row.delete()
    return len(rows)


def _remove_strays() -> int:
    """Files without a row that is ready: pieces of runs that died."""
    folder = _path(0).parent
    kept = {
        f"{pk}.zip"
        for pk in DataExport.objects.filter(state=DataExport.State.READY).values_list(
            "pk", flat=True
        )
    }
    strays = [path for path in _files(folder) if path.name not in kept and _is_old(path)]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def _files(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.exists() else iter(())


def _is_old(path: Path) -> bool:
    return timezone.now().timestamp() - path.stat().st_mtime > STALE_S
