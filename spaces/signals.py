"""What spaces hears of other apps, which must not know of it."""

from functools import partial
from typing import Any

from django.db import transaction

from accounts.models import Block
from spaces.services import room_timers


# Any: Django's signal.
def on_block(sender: type[Block], instance: Block, created: bool, **kwargs: Any) -> None:
    if created:
        transaction.on_commit(
            partial(room_timers.on_block, instance.blocker_id, instance.blocked_id)
        )
