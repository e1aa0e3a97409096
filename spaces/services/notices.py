"""Signals for those who tell people: reminders, notifications, search.

Sent after the commit, never inside it.
"""

from functools import partial

from django.db import transaction
from django.dispatch import Signal

from spaces.models import Space

# Each is sent with `sender=Space, space=<Space>`.
scheduled = Signal()
moved = Signal()
went_live = Signal()
cancelled = Signal()
ended = Signal()


def announce(signal: Signal, space: Space) -> None:
    """Send `signal` when the transaction of the caller is through.

    A receiver that fails is logged by Django.
    """
    transaction.on_commit(partial(signal.send_robust, sender=Space, space=space))
