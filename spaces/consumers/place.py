"""What one page of a user holds in a room: taken over by another, or given back."""

import logging
from dataclasses import dataclass

import redis
from django.db import DatabaseError
from msgspec import Struct

from accounts.realtime.threads import in_thread
from spaces.consumers import presence
from spaces.rooms import service
from spaces.rooms.actor import SYSTEM
from spaces.rooms.errors import RoomError
from spaces.rooms.outside import LoseLogin

log = logging.getLogger(__name__)


class RoomReplaced(Struct, frozen=True, tag="room.replaced"):
    """Through the channel layer to an older socket: its account has opened the room elsewhere."""

    page: str


@dataclass(frozen=True)
class Place:
    """`channel` is that of the socket, `page` the word of its page."""

    space: str
    user: int
    page: str
    channel: str

    async def give_up(self) -> None:
        """Free the seat, the place in the queue and the presence: nobody comes back to them."""
        # Before the seat: the clock would take the last ping for a sign of life.
        await presence.release(self.space, str(self.user), self.channel, at_once=True)
        try:
            lost = LoseLogin(self.user, self.page)
            await in_thread(service.execute, self.space, SYSTEM, lost)
        except RoomError as error:  # It is over.
            log.info("Nothing to free in %s: %s", self.space, error.code)
        except (DatabaseError, redis.RedisError) as error:
            # The clock frees the seat once the page counts as gone.
            log.warning("A seat in %s waits though its log-in has ended: %s", self.space, error)
