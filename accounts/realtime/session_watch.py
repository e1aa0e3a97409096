"""The watch over the log-ins of this process's sockets."""

import asyncio
import logging
from typing import Protocol
from weakref import WeakKeyDictionary

from django.db import DatabaseError

from accounts.realtime.login import Login, ended_among
from accounts.realtime.threads import in_thread

WATCH_S = 1.0  # A suspended person's socket is gone within two seconds (RULES §1).
log = logging.getLogger(__name__)


class Member(Protocol):
    """What the watch needs of a socket."""

    login: Login

    def on_logged_out(self) -> None: ...


class Watch:
    """Sockets of one kind in one event loop.

    Closes those whose log-in holds no more, whichever process ended it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._members: dict[Member, None] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, member: Member) -> None:
        self._members[member] = None
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=self._name)

    def discard(self, member: Member) -> None:
        """Let a socket go; the last one turns off the light."""
        self._members.pop(member, None)
        if not self._members and self._task:
            self._task.cancel()
            self._task = None

    def count_of(self, user: int | None) -> int:
        """How many sockets of this kind a person has in this process."""
        return sum(member.login.user == user for member in self._members)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            members = list(self._members)
            try:
                ended = await in_thread(ended_among, {member.login for member in members})
            except DatabaseError as error:
                log.warning("Log-ins were not checked: %s", error)
                continue
            for member in members:
                if member.login in ended:
                    member.on_logged_out()


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def watch() -> Watch:
    """Return the watch over the person sockets of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _watches:
        _watches[loop] = Watch("person.watch")
    return _watches[loop]
