"""What spaces hears of rows that are written or deleted elsewhere."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from accounts.models import Block
from spaces.models import Clip, Recording
from spaces.services import clips, replays, room_timers


def connect() -> None:
    """Called once, from AppConfig.ready()."""
    post_delete.connect(replays.on_deleted, sender=Recording, dispatch_uid="spaces.replay_is_gone")
    post_delete.connect(clips.on_deleted, sender=Clip, dispatch_uid="spaces.clip_is_gone")
    post_save.connect(on_block, sender=Block, dispatch_uid="spaces.on_block")


# Any: Django's signal.
def on_block(sender: type[Block], instance: Block, created: bool, **kwargs: Any) -> None:
    # A block that is rolled back must put no user out.
    if created:
        transaction.on_commit(
            partial(room_timers.on_block, instance.blocker_id, instance.blocked_id)
        )
