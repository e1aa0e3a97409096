"""How the parent knows that a process is ready or alive: by asking, never by waiting a while."""

import asyncio
import time

import redis.asyncio
from redis.exceptions import RedisError

from config.monitoring import heartbeat
from config.supervisor.process import Probe

_TIMEOUT_S = 2
# Of media_relay/protocol/relay.py, which config may not import;
# tests/config/supervisor/test_probes.py compares them.
RELAYS_KEY = "relay:nodes"
RELAY_KEY = "relay:node:{}"
GONE_KEY = "relay:gone:{}"
_GONE_S = 60  # Web processes look twice a second.
EGRESS_KEY = "egress:nodes"
_EGRESS_SILENT_S = 10


def answers_http(port: int, host: str) -> Probe:
    """Any HTTP answer will do: in production the plain port answers with a redirect."""

    async def probe() -> bool:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(
                    f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
                )
                status = await reader.readline()
                writer.close()
        except (OSError, TimeoutError):
            return False
        return status.startswith(b"HTTP/1.")

    return probe


def answers_redis(url: str) -> Probe:
    async def probe() -> bool:
        client = redis.asyncio.from_url(url, socket_timeout=_TIMEOUT_S)
        try:
            return bool(await client.ping())
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()

    return probe


def relay_has_heartbeat(url: str, relay: str) -> Probe:
    """True once the relay of this name has sent a heartbeat."""

    async def probe() -> bool:
        client = redis.asyncio.from_url(url, socket_timeout=_TIMEOUT_S)
        try:
            return await client.zscore(RELAYS_KEY, relay) is not None
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()

    return probe


def takes_tasks(url: str, queue: str) -> Probe:
    """False while tasks wait in `queue` and no worker takes the heartbeat out.

    A Redis that is down proves nothing.
    """

    async def probe() -> bool:
        age_s, waiting = await _heartbeat_of(url, queue)
        return age_s <= heartbeat.OLD_S or waiting == 0

    return probe


def sends_tasks(url: str, queue: str) -> Probe:
    """False while no heartbeat comes and nothing waits: then beat sends none."""

    async def probe() -> bool:
        age_s, waiting = await _heartbeat_of(url, queue)
        return age_s <= heartbeat.OLD_S or waiting > 0

    return probe


async def _heartbeat_of(url: str, queue: str) -> tuple[float, int]:
    """Return the age of the last heartbeat in seconds, and how many tasks wait.

    Both are 0 when Redis does not answer, or cannot be written to.
    """
    client = redis.asyncio.from_url(url, socket_timeout=_TIMEOUT_S)
    try:
        await _require_writable(client)
        written = await client.get(heartbeat.key_of(queue))
        waiting = await client.llen(queue)
    except (RedisError, OSError):
        return 0.0, 0
    finally:
        await client.aclose()
    return heartbeat.age_s(written, time.time()), waiting


def egress_has_beaten(url: str, egress: str, since: float) -> Probe:
    """True once the egress of this name has sent a heartbeat after `since` (seconds)."""

    async def probe() -> bool:
        client = redis.asyncio.from_url(url, socket_timeout=_TIMEOUT_S)
        try:
            beaten_at = await client.zscore(EGRESS_KEY, egress)
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()
        return beaten_at is not None and float(beaten_at) >= since

    return probe


def egress_has_heartbeat(url: str, egress: str) -> Probe:
    """False once the egress of this name has been silent for too long.

    A Redis that is down proves nothing.
    """

    async def probe() -> bool:
        client = redis.asyncio.from_url(url, socket_timeout=_TIMEOUT_S)
        try:
            await _require_writable(client)
            beaten_at = await client.zscore(EGRESS_KEY, egress)
        except (RedisError, OSError):
            return True
        finally:
            await client.aclose()
        return beaten_at is not None and time.time() - float(beaten_at) < _EGRESS_SILENT_S

    return probe


async def _require_writable(client: redis.asyncio.Redis) -> None:
    """Raises RedisError. A Redis that is full or read-only takes nobody's heartbeat."""
    await client.set("supervisor:probe", 1, ex=10)


async def forget_relay(url: str, relay: str) -> None:
    """Remove a dead relay from the register, so that its rooms move now.

    Otherwise they would when its heartbeat is 6 s old. A key says for a while that it is dead, for
    web processes whose clients were connected to it.
    """
    client = redis.asyncio.from_url(url, socket_timeout=_TIMEOUT_S)
    try:
        await client.zrem(RELAYS_KEY, relay)
        await client.delete(RELAY_KEY.format(relay))
        await client.set(GONE_KEY.format(relay), 1, ex=_GONE_S)
    except (RedisError, OSError):
        return  # Then the old heartbeat tells, a few seconds later.
    finally:
        await client.aclose()
