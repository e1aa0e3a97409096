"""This process says each second that it hears pings.

While no web process does, nobody counts as gone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

import redis
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

from spaces.services import presence_store

EVERY_S = 1.0
log = logging.getLogger(__name__)

Application = Callable[[Scope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]
_beating: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = WeakKeyDictionary()


def with_heartbeat(application: Application) -> Application:
    """Return the application with a heartbeat from its first call on: Daphne knows no lifespan.

    It beats in the event loop that also reads the pings: a loop that is stuck hears nothing and
    says nothing.
    """

    async def called(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        loop = asyncio.get_running_loop()
        if loop not in _beating:
            _beating[loop] = loop.create_task(_beat(), name="heartbeat")
        await application(scope, receive, send)

    return called


async def _beat() -> None:
    me = asyncio.current_task()
    # While it connects, redis-py takes a cancellation for a timeout of its own.
    while me and not me.cancelling():
        try:
            await presence_store.note_heartbeat()
        except (redis.RedisError, OSError) as error:
            log.warning("Nobody knows that we listen: %s", error)
        await asyncio.sleep(EVERY_S)
