"""Files go when their row goes, whoever deletes it: the author, staff, or an account that leaves
with everything.
"""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete
from django.utils import timezone

from posts.models import DraftImage, Fleet, Message, MessageImage, Post, PostImage, VoiceClip

ORPHAN_S = 3600  # A file this old without a row was left by a crash between row and file.


def sweep(folder: str, model: type[Model], field: str) -> int:
    """Delete the files of a folder that no row names any more; return how many."""
    try:
        _folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return 0
    names = {f"{folder}/{file}" for file in files}
    rows = model._default_manager.filter(**{f"{field}__in": names})
    before = timezone.now() - timedelta(seconds=ORPHAN_S)
    orphans = names - set(rows.values_list(field, flat=True))
    old = [name for name in orphans if default_storage.get_modified_time(name) < before]
    remove(old)
    return len(old)


def remove(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _picture_goes(instance: PostImage | MessageImage | DraftImage, **_signal: object) -> None:
    _after_commit([str(instance.file.name)])


def _fleet_goes(instance: Fleet, **_signal: object) -> None:
    _after_commit([str(instance.picture.name)])


def _clip_goes(instance: VoiceClip, **_signal: object) -> None:
    _after_commit(instance.file_names())


def _carrier_goes(instance: Post | Message, **_signal: object) -> None:
    """The recording has no other place to be heard at."""
    if instance.voice_id:
        VoiceClip.objects.filter(pk=instance.voice_id).delete()


def _after_commit(names: list[str]) -> None:
    """Not before: a deletion that is rolled back must find its files again."""
    transaction.on_commit(lambda: remove([name for name in names if name]))


def watch() -> None:
    """Called once, when the app is ready."""
    post_delete.connect(_picture_goes, sender=PostImage)
    post_delete.connect(_picture_goes, sender=MessageImage)
    post_delete.connect(_picture_goes, sender=DraftImage)
    post_delete.connect(_fleet_goes, sender=Fleet)
    post_delete.connect(_clip_goes, sender=VoiceClip)
    post_delete.connect(_carrier_goes, sender=Post)
    post_delete.connect(_carrier_goes, sender=Message)
