"""This process says each second that it hears pings.

While no web process does, no participant counts as gone (config/decisions/0022-whose-absence.md).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

import redis
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

from spaces.services import presence_store

EVERY_S = 1.0  # `presence_store.SILENCE_S` is five of them: one that is late proves no outage.
log = logging.getLogger(__name__)

Application = Callable[[Scope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]
_beating: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = WeakKeyDictionary()


def with_heartbeat(application: Application) -> Application:
    """Return the application with a heartbeat from its first call on: Daphne knows no lifespan.

    It beats in the event loop that also reads the pings: a loop that is stuck hears nothing and
    says nothing.
    """

    async def beat() -> None:
        me = asyncio.current_task()
        # While it connects, redis-py takes a cancellation for a timeout of its own.
        while me and not me.cancelling():
            try:
                await presence_store.note_heartbeat()
            except (redis.RedisError, OSError) as error:
                log.warning("The heartbeat of this process was not noted: %s", error)
            await asyncio.sleep(EVERY_S)

    async def called(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        loop = asyncio.get_running_loop()
        if loop not in _beating:
            _beating[loop] = loop.create_task(beat(), name="heartbeat")
        await application(scope, receive, send)

    return called
