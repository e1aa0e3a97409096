"""All rooms of this process, and the watch over the log-ins of their sockets."""

import asyncio
from weakref import WeakKeyDictionary

from accounts.realtime.session_watch import Watch
from spaces.consumers.hub import Member, RoomHub

# At once in a process: more would only wait inside, for the same threads and connections.
ENTERING_MAX = 16


class Hubs:
    """The hubs of one event loop."""

    def __init__(self) -> None:
        self._hubs: dict[str, RoomHub] = {}
        self._logins = Watch("hubs.watch")
        self.door = asyncio.Semaphore(ENTERING_MAX)

    async def join(self, space: str, member: Member) -> RoomHub:
        hub = self._hubs.get(space)
        if hub is None:
            hub = self._hubs[space] = RoomHub(space)
        if member.user is not None:
            self._logins.add(member)
        try:
            await hub.add(member)
        except BaseException:
            await self.leave(hub, member)
            raise
        return hub

    async def leave(self, hub: RoomHub, member: Member) -> None:
        """Let a socket go; the last one turns off the light."""
        self._logins.discard(member)
        hub.discard(member)
        if hub.members or self._hubs.get(hub.space) is not hub:
            return
        del self._hubs[hub.space]
        await hub.stop()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hubs] = WeakKeyDictionary()


def hubs() -> Hubs:
    """Return the hubs of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hubs()
    return _hubs[loop]
