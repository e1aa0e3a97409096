"""Files go when their row goes, whoever deletes it: the author, staff, or an account that leaves with everything."""

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import post_delete

from posts.models import DraftImage, Fleet, Message, MessageImage, Post, PostImage, VoiceClip


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
