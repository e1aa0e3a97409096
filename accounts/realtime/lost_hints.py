"""Hints that were lost on their way: looked for in the database, and told again.

A hint goes from where it is committed through Redis to every web process. What dies or restarts in
between takes it along. So each process looks now and then what the users of its sockets should have
been told lately, whatever Redis does; what a socket has not heard by the look after that was lost.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakKeyDictionary

from django.db import DatabaseError
from django.utils import timezone

from accounts.extension_points import registry
from accounts.realtime.login import Login
from accounts.realtime.messages import PersonMessage
from accounts.realtime.news import CountedFrom
from accounts.realtime.socket_look import SocketLook
from accounts.realtime.threads import in_thread

# Two looks and the count after them (`person.COUNT_AFTER_S`): a lost hint is told within 10 s.
LOOK_EVERY_S = 3.0
# Longer than a transaction is open, and more than the clocks of two machines differ.
RECENT = timedelta(seconds=30)
log = logging.getLogger(__name__)

NewsOfPerson = Sequence[PersonMessage | CountedFrom]


class PersonSocket(Protocol):
    """What the look needs of a socket."""

    login: Login

    def on_news(self, news: NewsOfPerson) -> None: ...


class HintLook(SocketLook[PersonSocket]):
    """The looks of one event loop."""

    async def look(self) -> None:
        sockets = list(self._sockets)
        users = {socket.login.user for socket in sockets if socket.login.user is not None}
        try:
            news = await in_thread(news_of, users, timezone.now() - RECENT)
        except DatabaseError as error:
            log.warning("Lost hints were not looked for: %s", error)
            return
        for socket in sockets:
            if socket.login.user is not None:
                socket.on_news(news.get(socket.login.user, ()))


def news_of(users: Collection[int], since: datetime) -> dict[int, NewsOfPerson]:
    """Return what these users should have been told since then, by user."""
    found: dict[int, list[PersonMessage | CountedFrom]] = defaultdict(list)
    for extension in registry.extensions():
        if extension.recent_news is not None:
            for user, one in extension.recent_news(users, since):
                found[user].append(one)
    return dict(found)


_looks: WeakKeyDictionary[asyncio.AbstractEventLoop, HintLook] = WeakKeyDictionary()


def hint_look() -> HintLook:
    """Return the look of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _looks:
        _looks[loop] = HintLook("hints.look", LOOK_EVERY_S)
    return _looks[loop]
