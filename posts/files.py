"""Delete files with their row, whatever deletes it: the author, staff, or a whole account.

Imported when the app is ready, so that the receivers are there before the first row goes.
"""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.db.models import Model
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from config.db.after_commit import after_commit
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
    orphans = names - set(rows.values_list(field, flat=True))
    # The row of a file that has just been written may not be committed yet.
    before = timezone.now() - timedelta(seconds=ORPHAN_S)
    old = [name for name in orphans if default_storage.get_modified_time(name) < before]
    remove(old)
    return len(old)


def remove(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


@receiver(post_delete, sender=PostImage)
@receiver(post_delete, sender=MessageImage)
@receiver(post_delete, sender=DraftImage)
def delete_picture(instance: PostImage | MessageImage | DraftImage, **_signal: object) -> None:
    _remove_after_commit([str(instance.file.name)])


@receiver(post_delete, sender=Fleet)
def delete_fleet_picture(instance: Fleet, **_signal: object) -> None:
    _remove_after_commit([str(instance.picture.name)])


@receiver(post_delete, sender=VoiceClip)
def delete_sounds(instance: VoiceClip, **_signal: object) -> None:
    _remove_after_commit(instance.file_names())


@receiver(post_delete, sender=Post)
@receiver(post_delete, sender=Message)
def delete_voice_clip(instance: Post | Message, **_signal: object) -> None:
    """A voice clip has no other place to be played."""
    if instance.voice_id:
        VoiceClip.objects.filter(pk=instance.voice_id).delete()


def _remove_after_commit(names: list[str]) -> None:
    """Not before: a deletion that is rolled back must find its files again."""
    after_commit(remove, [name for name in names if name])
