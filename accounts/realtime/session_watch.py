"""The watch over the logins of this process's sockets."""

import asyncio
import logging
from typing import Protocol
from weakref import WeakKeyDictionary

from django.db import DatabaseError

from accounts.realtime.login import Login, ended_among, without_factor_among
from accounts.realtime.socket_look import SocketLook
from accounts.realtime.threads import in_thread

WATCH_S = 1.0  # A suspended user's socket is gone within two seconds (RULES §1).
log = logging.getLogger(__name__)


class WatchedSocket(Protocol):
    """What the watch needs of a socket."""

    login: Login

    def on_logged_out(self) -> None: ...

    def on_factor_gone(self) -> None: ...


class LoginWatch(SocketLook[WatchedSocket]):
    """Sockets of one kind in one event loop.

    Closes those whose login holds no more, whichever process ended it, and tells those whose
    login has lost its second factor.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, WATCH_S)

    def count_of(self, user: int | None) -> int:
        """How many sockets of this kind a user has in this process."""
        return sum(socket.login.user == user for socket in self._sockets)

    async def look(self) -> None:
        sockets = list(self._sockets)
        try:
            # A set: all tabs of one browser have the same login, which is asked about once.
            logins = {socket.login for socket in sockets}
            ended = await in_thread(ended_among, logins)
            weaker = await in_thread(without_factor_among, logins - ended)
        except DatabaseError as error:
            # Not a reason to close: a database that restarts would log everyone out.
            log.warning("Log-ins were not checked: %s", error)
            return
        for socket in sockets:
            if socket.login in ended:
                socket.on_logged_out()
            elif socket.login in weaker:
                socket.on_factor_gone()


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, LoginWatch] = WeakKeyDictionary()


def watch() -> LoginWatch:
    """Return the watch over the person sockets of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _watches:
        _watches[loop] = LoginWatch("person.watch")
    return _watches[loop]
