"""All rooms of this process, and the watch over the log-ins of their sockets."""

import asyncio
from weakref import WeakKeyDictionary

from accounts.realtime.session_watch import LoginWatch
from spaces.consumers.hub import HubSocket, RoomHub

# At once in a process: more would only wait inside, for the same threads and connections.
ENTERING_MAX = 16


class Hubs:
    """The hubs of one event loop."""

    def __init__(self) -> None:
        self._hubs: dict[str, RoomHub] = {}
        self._logins = LoginWatch("hubs.logins")
        self.entering = asyncio.Semaphore(ENTERING_MAX)

    async def join(self, space: str, socket: HubSocket) -> RoomHub:
        hub = self._hubs.get(space)
        if hub is None:
            hub = self._hubs[space] = RoomHub(space)
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


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hubs] = WeakKeyDictionary()


def hubs() -> Hubs:
    """Return the hubs of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hubs()
    return _hubs[loop]
