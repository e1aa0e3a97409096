"""This process says each second that it hears pings, so that nobody counts as gone while no web
process is up.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

import redis

from spaces.services import presence_store

EVERY_S = 1.0
log = logging.getLogger(__name__)

Application = Callable[..., Awaitable[None]]
_listening: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = WeakKeyDictionary()


def with_ears(application: Application) -> Application:
    """Return the application that listens from its first call on: Daphne knows no lifespan.

    It is done in the event loop that also reads the pings: a loop that is stuck hears nothing and
    says nothing.
    """

    # Any: as the ASGI specification has it.
    async def called(scope: dict[str, Any], receive: Any, send: Any) -> None:
        loop = asyncio.get_running_loop()
        if loop not in _listening:
            _listening[loop] = loop.create_task(_listen(), name="ears")
        await application(scope, receive, send)

    return called


async def _listen() -> None:
    me = asyncio.current_task()
    # While it connects, redis-py takes a cancellation for a timeout of its own.
    while me and not me.cancelling():
        try:
            await presence_store.note_heartbeat()
        except (redis.RedisError, OSError) as error:
            log.warning("Nobody knows that we listen: %s", error)
        await asyncio.sleep(EVERY_S)
