"""All rooms of this process, the watch over the log-ins of their sockets, and the one over changes
that were lost on their way here.
"""

import asyncio
import logging
from weakref import WeakKeyDictionary

from django.db import DatabaseError

from accounts.realtime.session_watch import LoginWatch
from accounts.realtime.threads import in_thread
from spaces.consumers.hub import HubSocket, RoomHub
from spaces.rooms import repository

# What two looks in a row miss is lost: healed after four seconds at most, by one query for all
# rooms each time.
LOOK_EVERY_S = 2.0
log = logging.getLogger(__name__)

# At once in a process: more would only wait inside, for the same threads and connections.
ENTERING_MAX = 16


class Hubs:
    """The hubs of one event loop."""

    def __init__(self) -> None:
        self._hubs: dict[str, RoomHub] = {}
        self._logins = LoginWatch("hubs.logins")
        self.entering = asyncio.Semaphore(ENTERING_MAX)
        self._looking: asyncio.Task[None] | None = None

    async def join(self, space: str, socket: HubSocket) -> RoomHub:
        hub = self._hubs.get(space)
        if hub is None:
            hub = self._hubs[space] = RoomHub(space)
            if self._looking is None or self._looking.done():
                loop = asyncio.get_running_loop()
                self._looking = loop.create_task(self._look_for_lost(), name="hubs.look")
        if socket.user is not None:
            self._logins.add(socket)
        try:
            await hub.add(socket)
        except BaseException:  # Also a cancellation: a hub without sockets must not stay.
            await self.leave(hub, socket)
            raise
        return hub

    async def leave(self, hub: RoomHub, socket: HubSocket) -> None:
        """Let a socket go; with the last one the hub ends."""
        self._logins.discard(socket)
        hub.discard(socket)
        # Not this one: it has ended already, and the room may have another hub by now.
        if hub.sockets or self._hubs.get(hub.space) is not hub:
            return
        # Before the await: who joins meanwhile gets a new hub, not one that ends.
        del self._hubs[hub.space]
        await hub.stop()

    async def look(self) -> None:
        """Compare what each hub has heard with what the database holds. Redis has no part in it."""
        looked_at = dict(self._hubs)
        try:
            newest = await in_thread(repository.newest_revs, list(looked_at))
        except DatabaseError as error:
            log.warning("Lost changes were not looked for: %s", error)
            return
        for space, rev in newest.items():
            looked_at[space].on_stored(rev)

    async def _look_for_lost(self) -> None:
        # Ends by itself with the last hub; the next one starts it anew.
        while self._hubs:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hubs] = WeakKeyDictionary()


def hubs() -> Hubs:
    """Return the hubs of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hubs()
    return _hubs[loop]
