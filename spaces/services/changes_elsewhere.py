"""What was changed outside of rooms and shows in them: people, and pinned posts.

Each room that shows it is told once by `Refresh`, after the commit. How the change came about does
not matter here: `accounts.account_changes` and `spaces.signals` hear of every way.
"""

import logging
from collections.abc import Collection

from django.db.models import Q

from spaces.models import Attendance, Pin, Space
from spaces.rooms import service
from spaces.rooms.actor import SYSTEM
from spaces.rooms.errors import RoomError
from spaces.rooms.outside import Refresh

OVER = (Space.State.ENDED, Space.State.CANCELLED)
log = logging.getLogger(__name__)


def on_accounts_changed(ids: Collection[int]) -> None:
    """Show these users as they are now, and what they wrote if it can be seen now."""
    going_on = Space.objects.exclude(state__in=OVER)
    here: dict[str, set[int]] = {}
    for public_id, host in going_on.filter(host__in=ids).values_list("public_id", "host"):
        here.setdefault(public_id, set()).add(host)
    # All who ever came, for listeners are in no other row. To tell of one who has left does no
    # harm.
    came = Attendance.objects.filter(user__in=ids).exclude(space__state__in=OVER)
    for public_id, user in came.values_list("space__public_id", "user"):
        here.setdefault(public_id, set()).add(user)
    pinned = Pin.objects.filter(post__author__in=ids).exclude(space__state__in=OVER)
    with_pins: set[str] = set()
    for public_id, author in pinned.values_list("space__public_id", "post__author"):
        here.setdefault(public_id, set()).add(author)
        with_pins.add(public_id)
    for public_id, users in here.items():
        _refresh(public_id, Refresh(frozenset(users), pins=public_id in with_pins))


def on_post_edited(pk: int) -> None:
    _refresh_pins(Q(pins__post=pk))


def on_block_changed(one: int, other: int) -> None:
    """A block hides what either of the two wrote from the other; without it both see it again."""
    _refresh_pins(Q(pins__post__author__in=(one, other)))


def on_pin_gone(space_id: int) -> None:
    """A pin went with its post, or with an account; not because somebody took it down."""
    _refresh_pins(Q(pk=space_id))


def _refresh_pins(where: Q) -> None:
    spaces = Space.objects.filter(where).exclude(state__in=OVER).distinct()
    for public_id in spaces.values_list("public_id", flat=True):
        _refresh(public_id, Refresh(pins=True))


def _refresh(public_id: str, command: Refresh) -> None:
    try:
        service.execute(public_id, SYSTEM, command)
    except RoomError as error:  # It ended since we looked.
        log.info("Nothing to show anew in %s: %s", public_id, error.code)
