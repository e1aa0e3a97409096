import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
import redis.asyncio
from redis.exceptions import RedisError

from media_relay.redis.fire_and_forget import PublishConnection
from tests.stack.valkey import Valkey, running_valkey
from tests.stack.waiting import until


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture
async def link(valkey: Valkey) -> AsyncIterator[redis.asyncio.Redis]:
    link = redis.asyncio.Redis.from_url(valkey.url, socket_timeout=5)
    yield link
    await link.aclose()


class Ear:
    """Reads a channel."""

    def __init__(self, link: redis.asyncio.Redis) -> None:
        self.heard: list[bytes] = []
        self._pubsub = link.pubsub()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> "Ear":
        await self._pubsub.subscribe("news")
        await self._pubsub.get_message(timeout=5)
        self._task = asyncio.create_task(self._read())
        return self

    async def _read(self) -> None:
        async for message in self._pubsub.listen():
            self.heard.append(message["data"])

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]  # Theirs is untyped.


async def test_it_says_everything_in_order_whatever_is_in_it(link: redis.asyncio.Redis) -> None:
    connection, ear = PublishConnection(link), await Ear(link).open()
    said = [
        b"",
        b"\r\n",
        b"*3\r\n$7\r\nPUBLISH",
        bytes(range(256)),
        b"x" * 100_000,
        *(b"%d" % i for i in range(500)),
    ]
    for data in said:
        await connection.publish("news", data)
    await until(lambda: len(ear.heard) == len(said), "all of it", 5)
    assert ear.heard == said
    await connection.close()
    await ear.close()


async def test_it_speaks_again_when_redis_is_back(
    valkey: Valkey, link: redis.asyncio.Redis
) -> None:
    connection = PublishConnection(link)
    await connection.publish("news", b"before")
    valkey.kill()
    with pytest.raises((RedisError, OSError)):
        for _ in range(100):
            await connection.publish("news", b"lost")
            await asyncio.sleep(0.01)
    valkey.start()
    ear = await Ear(link).open()
    await connection.publish("news", b"after")
    await until(lambda: ear.heard == [b"after"], "what was said afterwards", 5)
    await connection.close()
    await connection.close()
    await ear.close()


async def test_it_writes_at_once_when_the_line_is_open(link: redis.asyncio.Redis) -> None:
    connection, ear = PublishConnection(link), await Ear(link).open()
    assert not connection.send("news", b"too early"), (
        "The line is opened by whoever can wait for it."
    )
    await connection.publish("news", b"first")
    said = [b"first", *(b"%d" % i for i in range(100))]
    assert all(connection.send("news", data) for data in said[1:])
    await until(lambda: len(ear.heard) == len(said), "all of it", 5)
    assert ear.heard == said
    await connection.close()
    assert not connection.send("news", b"too late")
    await ear.close()


async def test_it_does_not_write_at_once_to_a_redis_that_takes_nothing(
    valkey: Valkey, link: redis.asyncio.Redis
) -> None:
    connection = PublishConnection(link)
    await connection.publish("news", b"before")
    os.kill(valkey.pid, signal.SIGSTOP)
    try:
        sent = sum(connection.send("news", bytes(10_000)) for _ in range(1000))
        assert 0 < sent < 1000
        assert not connection.send("news", b"more")
    finally:
        os.kill(valkey.pid, signal.SIGCONT)
    await connection.close()


async def test_it_does_not_write_at_once_to_a_redis_that_has_gone(
    valkey: Valkey, link: redis.asyncio.Redis
) -> None:
    connection = PublishConnection(link)
    await connection.publish("news", b"before")
    valkey.kill()
    await until(lambda: not connection.send("news", b"lost"), "the end is noticed", 5)
    await connection.close()
