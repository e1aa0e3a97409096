"""The channel layer, with an end to waiting: a Redis that is stopped neither answers nor refuses,
and a page that has stored its change must not hang on telling others of it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import redis
from channels_redis.pubsub import RedisPubSubChannelLayer

TIMEOUT_S = 2.0  # Everything but `receive`, which waits for ever on purpose.
BOUNDED = {"send", "group_send", "group_add", "group_discard"}


class BoundedChannelLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # Without types.
    # Any: what Channels passes through.
    def __getattr__(self, name: str) -> Any:
        found = super().__getattr__(name)
        return partial(_bounded, found) if name in BOUNDED else found


async def _bounded(work: Callable[..., Coroutine[Any, Any, None]], *args: Any) -> None:
    """Raises redis.TimeoutError, as the sync clients do, in place of asyncio's."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await work(*args)
    except TimeoutError as error:
        raise redis.TimeoutError("The channel layer did not answer in time.") from error
