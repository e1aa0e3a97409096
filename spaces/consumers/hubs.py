"""All rooms of this process, and the watch over the log-ins of their sockets."""

import asyncio
import logging
from weakref import WeakKeyDictionary

from django.db import DatabaseError

from accounts.consumers import login
from accounts.consumers.threads import in_thread
from spaces.consumers.hub import Member, RoomHub

ENTERING_MAX = 16  # At once in a process: more would only wait inside, for the same threads and connections.
WATCH_S = 1.0  # A suspended person's socket is gone within two seconds (RULES §1).
log = logging.getLogger(__name__)


class Hubs:
    """The hubs of one event loop."""

    def __init__(self) -> None:
        self._hubs: dict[str, RoomHub] = {}
        self._watch: asyncio.Task[None] | None = None
        self.door = asyncio.Semaphore(ENTERING_MAX)

    async def join(self, space: str, member: Member) -> RoomHub:
        hub = self._hubs.get(space)
        if hub is None:
            hub = self._hubs[space] = RoomHub(space)
        try:
            await hub.add(member)
        except BaseException:
            await self.leave(hub, member)
            raise
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._watch_logins(), name="hubs.watch")
        return hub

    async def leave(self, hub: RoomHub, member: Member) -> None:
        """Let a socket go; the last one turns off the light."""
        hub.discard(member)
        if hub.members or self._hubs.get(hub.space) is not hub:
            return
        del self._hubs[hub.space]
        if not self._hubs and self._watch:
            self._watch.cancel()
            self._watch = None
        await hub.stop()

    async def _watch_logins(self) -> None:
        """Close sockets whose log-in holds no more, however it ended and whichever process ended it."""
        while True:
            await asyncio.sleep(WATCH_S)
            members = [member for hub in self._hubs.values() for member in hub.members]
            logins = {member.login for member in members if member.user is not None}
            if not logins:
                continue
            try:
                ended = await in_thread(login.ended_among, logins)
            except DatabaseError as error:
                log.warning("Log-ins were not checked: %s", error)
                continue
            for member in members:
                if member.login in ended:
                    member.on_logged_out()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hubs] = WeakKeyDictionary()


def hubs() -> Hubs:
    """Return the hubs of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hubs()
    return _hubs[loop]
