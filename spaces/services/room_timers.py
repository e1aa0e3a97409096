"""The clock of all rooms: what is due is done, by the worker that looks first.

Nothing is kept between two looks.
"""

import logging
from datetime import UTC, datetime, timedelta

import redis
from django.db.models import Q
from django.utils import timezone

from accounts.models.user import not_away
from config.limits import LIMITS
from spaces.models import Seat, Space
from spaces.rooms import repository, rules, service
from spaces.rooms.actor import SYSTEM
from spaces.rooms.commands import Expel, Tick
from spaces.rooms.errors import RoomError
from spaces.services import presence_store

STAGED = (Space.State.GREEN, Space.State.LIVE)
# Whoever ended a room may have died before telling the relays: they are told a few times more.
ENDED_LATELY_S = 60
OVER = (Space.State.ENDED, Space.State.CANCELLED)
log = logging.getLogger(__name__)


def sweep() -> int:
    """Do what is due in every room and return how many rooms changed.

    One query if there is no room to look at.
    """
    overdue = Q(
        state=Space.State.SCHEDULED,
        scheduled_for__lte=timezone.now() - timedelta(seconds=LIMITS.auto_cancel_s),
    )
    spaces = Space.objects.filter(overdue | Q(state__in=STAGED))
    public_ids = list(spaces.values_list("public_id", flat=True))
    if not public_ids:
        return 0
    try:
        heard_since = datetime.fromtimestamp(presence_store.known_since(), UTC)
    except redis.RedisError as error:
        # Without Redis nobody's sign of life can be read: deadlines wait, nobody is thrown out for
        # our failure.
        log.warning("Rooms are not swept: %s", error)
        return 0
    changed = sum(_tick(public_id, heard_since) for public_id in public_ids)
    # The web closes the sockets of users who are away by itself, but not their seats.
    left_behind = Seat.objects.exclude(not_away("user")).exclude(space__state__in=OVER)
    for seat in left_behind.select_related("space"):
        expel(seat.space.public_id, seat.user_id)
        changed += 1
    return changed


def refresh_policies() -> int:
    """Renew what the relays hold of each room with a stage, or that had one until a moment ago.

    Return how many that were.
    """
    lately = timezone.now() - timedelta(seconds=ENDED_LATELY_S)
    rooms = Space.objects.filter(Q(state__in=STAGED) | Q(ended_at__gte=lately))
    public_ids = list(rooms.values_list("public_id", flat=True))
    for public_id in public_ids:
        service.refresh_policy(public_id)
    return len(public_ids)


def _tick(public_id: str, heard_since: datetime) -> bool:
    """Look without a lock, and take it only when something is due: a quiet room costs no write."""
    try:
        _, room = repository.load(public_id)
        users = [seat.user for seat in room.seats] + [request.user for request in room.requests]
        seen = {
            user: datetime.fromtimestamp(second, UTC)
            for user, second in presence_store.last_seen(public_id, users).items()
        }
        # What the rules say now decides whether the lock is worth taking; they are asked again.
        tick = Tick(seen, heard_since)
        after, _ = rules.apply(room, SYSTEM, tick, timezone.now(), LIMITS)
        if after == room:
            return False
        service.execute(public_id, SYSTEM, tick)
    except RoomError:  # It ended between two looks.
        return False
    except redis.RedisError as error:
        log.warning("Room %s is not swept: %s", public_id, error)
        return False
    return True


def expel(public_id: str, user: int) -> None:
    """Take a user out of a room; nothing happens if the room is over."""
    try:
        service.execute(public_id, SYSTEM, Expel(user))
    except RoomError as error:
        log.info("Nobody to put out of %s: %s", public_id, error.code)


def on_block(blocker_id: int, blocked_id: int) -> None:
    """End at once the stay of a user across a block from the host (RULES §9).

    It is no removal by name: un-blocking lets them in again.
    """
    staged = Space.objects.filter(state__in=STAGED)
    for space in staged.filter(Q(host=blocker_id) | Q(host=blocked_id)):
        expel(space.public_id, blocked_id if space.host_id == blocker_id else blocker_id)
