"""PUBLISH without answers, for what goes over Redis fifty times a second.

A `publish` of redis-py waits for the number of readers, and waking up for it costs seven times the
sending (78 µs to 11 µs). Here the server is told to say nothing, so that a message is one write;
and one that is written at once wakes no task either.
"""

from contextlib import suppress

import redis.asyncio
from redis.exceptions import RedisError

LOST = (RedisError, OSError)
UNSENT_BYTES = 64 * 1024  # Beyond it Redis is slow, and further messages wait in `publish`.


class PublishConnection:
    """One connection, made when it is needed. A message on its way when it breaks is lost."""

    def __init__(self, link: redis.asyncio.Redis) -> None:
        self._pool = link.connection_pool
        self._connection: redis.asyncio.Connection | None = None

    def send(self, channel: str, data: bytes) -> bool:
        """Write a message at once. False if that cannot be, now: the line is closed, or full."""
        # redis-py has no such call.
        writer = self._connection._writer if self._connection is not None else None
        if writer is None or writer.transport.is_closing():
            return False
        if writer.transport.get_write_buffer_size() > UNSENT_BYTES:
            return False
        writer.write(encode(channel, data))
        return True

    async def publish(self, channel: str, data: bytes) -> None:
        """Send it, and return when it is on its way. Raises what redis-py raises."""
        connection = self._connection
        if connection is None:
            # redis-py leaves both calls without types.
            made: redis.asyncio.Connection
            made = self._pool.make_connection()  # type: ignore[no-untyped-call]
            await made.connect()  # type: ignore[no-untyped-call]
            # A timer for each message would cost more than the message.
            made.socket_timeout = None
            await made.send_command("CLIENT", "REPLY", "OFF")
            connection = self._connection = made
        try:
            await connection.send_packed_command([encode(channel, data)], check_health=False)
        except BaseException:
            await self.close()  # Half a message may be out; a new connection begins cleanly.
            raise

    async def close(self) -> None:
        connection = self._connection
        self._connection = None
        if connection is not None:
            with suppress(*LOST):
                await connection.disconnect()


def encode(channel: str, data: bytes) -> bytes:
    """Return the command as it goes over the wire (RESP)."""
    name = channel.encode()
    head = b"*3\r\n$7\r\nPUBLISH\r\n"
    return head + b"$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(name), name, len(data), data)
