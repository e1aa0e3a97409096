"""What spaces hears of rows that are written or deleted elsewhere."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.signals import post_delete, post_save, pre_delete

from accounts.models import Block
from config.db.after_commit import after_commit
from posts.models import Post
from spaces.models import Clip, Pin, Recording
from spaces.services import changes_elsewhere, clips, replays, room_timers


def connect() -> None:
    """Called once, from AppConfig.ready()."""
    post_delete.connect(replays.on_deleted, sender=Recording, dispatch_uid="spaces.replay_is_gone")
    post_delete.connect(clips.on_deleted, sender=Clip, dispatch_uid="spaces.clip_is_gone")
    post_save.connect(on_block, sender=Block, dispatch_uid="spaces.on_block")
    post_delete.connect(on_unblock, sender=Block, dispatch_uid="spaces.on_unblock")
    post_save.connect(on_post_saved, sender=Post, dispatch_uid="spaces.post_is_edited")
    pre_delete.connect(on_pin_deleted, sender=Pin, dispatch_uid="spaces.pin_is_gone")


# Any: Django's signals.
def on_block(instance: Block, created: bool, **_signal: Any) -> None:
    # A block that is rolled back must put no user out.
    if created:
        pair = (instance.blocker_id, instance.blocked_id)
        transaction.on_commit(partial(room_timers.on_block, *pair))
        after_commit(changes_elsewhere.on_block_changed, *pair)


def on_unblock(instance: Block, origin: Model | QuerySet[Model], **_signal: Any) -> None:
    # With an account that is deleted nothing of it is left to be shown.
    if _is_of(Block, origin):
        pair = (instance.blocker_id, instance.blocked_id)
        after_commit(changes_elsewhere.on_block_changed, *pair)


def on_post_saved(
    instance: Post, created: bool, update_fields: Collection[str] | None, **_signal: Any
) -> None:
    # Of a new post there is no pin. Without names all columns are written.
    if not created and (update_fields is None or "text" in update_fields):
        after_commit(changes_elsewhere.on_post_edited, instance.pk)


def on_pin_deleted(instance: Pin, origin: Model | QuerySet[Model], **_signal: Any) -> None:
    # Of what its own rules take down the room has told.
    if not _is_of(Pin, origin):
        after_commit(changes_elsewhere.on_pin_gone, instance.space_id)


def _is_of(model: type[Model], origin: Model | QuerySet[Model]) -> bool:
    """True if a deletion began with rows of `model`, and did not come to them by a cascade."""
    return (origin.model if isinstance(origin, QuerySet) else type(origin)) is model
