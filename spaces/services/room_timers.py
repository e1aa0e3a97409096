"""The clock of all rooms: what is due is done, by whichever worker looks first.

Nothing is kept between two looks.
"""

import logging
from datetime import UTC, datetime, timedelta

import redis
from django.db.models import Q, QuerySet
from django.utils import timezone

from config.limits import LIMITS
from spaces.models import Seat, Space
from spaces.rooms import repository, rules, service
from spaces.rooms.commands import SYSTEM, PutOut, Tick
from spaces.rooms.errors import RoomError
from spaces.services import presence_store

log = logging.getLogger(__name__)


def sweep() -> int:
    """Do what is due in every room and return how many rooms changed.

    One query if there is no room to look at.
    """
    rooms = list(_rooms_to_look_at(timezone.now()).values_list("public_id", flat=True))
    if not rooms:
        return 0
    try:
        heard_since = datetime.fromtimestamp(presence_store.known_since(), UTC)
    except redis.RedisError as error:
        # Without Redis nobody's sign of life can be read: deadlines wait, nobody is thrown out for
        # our failure.
        log.warning("Rooms are not swept: %s", error)
        return 0
    return sum(_look_after(room, heard_since) for room in rooms) + _put_out_suspended()


def refresh_policies() -> int:
    """Renew what the relays hold of each room with a stage, and return how many that were."""
    rooms = _staged().values_list("public_id", flat=True)
    for room in rooms:
        service.refresh_policy(room)
    return len(rooms)


def _staged() -> QuerySet[Space]:
    return Space.objects.filter(state__in=(Space.State.GREEN, Space.State.LIVE))


def _rooms_to_look_at(now: datetime) -> QuerySet[Space]:
    overdue = Q(
        state=Space.State.SCHEDULED,
        scheduled_for__lte=now - timedelta(seconds=LIMITS.auto_cancel_s),
    )
    return Space.objects.filter(overdue | Q(state__in=(Space.State.GREEN, Space.State.LIVE)))


def _look_after(public_id: str, heard_since: datetime) -> bool:
    """Look without a lock, and take it only when something is due: a quiet room costs no write."""
    try:
        _, room = repository.load(public_id)
        users = [*(seat.user for seat in room.seats), *(request.user for request in room.requests)]
        seen = presence_store.last_seen(public_id, users)
        tick = Tick(
            {user: datetime.fromtimestamp(at, UTC) for user, at in seen.items()}, heard_since
        )
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


def _put_out_suspended() -> int:
    """Take suspended people off every stage and out of every line; their sockets are closed by the
    web itself.
    """
    suspended = Q(user__is_active=False) & ~Q(
        space__state__in=(Space.State.ENDED, Space.State.CANCELLED)
    )
    seats = list(Seat.objects.filter(suspended).select_related("space"))
    for seat in seats:
        put_out(seat.space.public_id, seat.user_id)
    return len(seats)


def put_out(public_id: str, user: int) -> None:
    """Take somebody out by the house; nothing happens if the room is over."""
    try:
        service.execute(public_id, SYSTEM, PutOut(user))
    except RoomError as error:
        log.info("Nobody to put out of %s: %s", public_id, error.code)


def on_block(blocker_id: int, blocked_id: int) -> None:
    """A block between a host and somebody in the room ends their stay at once (RULES §9).

    Whoever of the two is not the host leaves. It is no removal by name: un-blocking lets them in
    again.
    """
    pairs = Q(host=blocker_id) | Q(host=blocked_id)
    for space in _staged().filter(pairs):
        put_out(space.public_id, blocked_id if space.host_id == blocker_id else blocker_id)
