"""How the parent knows that a process is up: by asking it, never by waiting a while."""

import asyncio
import errno
import socket
import time

import redis.asyncio
from redis.exceptions import RedisError

from config.monitoring import heartbeat
from config.supervisor.errors import StartError
from config.supervisor.process import Probe

_TIMEOUT_S = 2
# Of media_relay/protocol/relay.py, which config may not import;
# tests/config/supervisor/test_readiness.py compares them.
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


def relay_beats(url: str, relay: str) -> Probe:
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


def hears_tasks(url: str, queue: str) -> Probe:
    """False while tasks wait in `queue` and nobody takes the heartbeat out.

    A Redis that is down proves nothing.
    """

    async def probe() -> bool:
        age_s, waiting = await _heart_of(url, queue)
        return age_s <= heartbeat.OLD_S or waiting == 0

    return probe


def sends_tasks(url: str, queue: str) -> Probe:
    """False while no heartbeat comes and nothing waits: then nobody sends any."""

    async def probe() -> bool:
        age_s, waiting = await _heart_of(url, queue)
        return age_s <= heartbeat.OLD_S or waiting > 0

    return probe


async def _heart_of(url: str, queue: str) -> tuple[float, int]:
    """Return the age of the last heartbeat and how many tasks wait; a fresh one where nobody can
    tell.
    """
    client = redis.asyncio.from_url(url, socket_timeout=_TIMEOUT_S)
    try:
        written = await client.get(heartbeat.key_of(queue))
        waiting = await client.llen(queue)
    except (RedisError, OSError):
        return 0.0, 0
    finally:
        await client.aclose()
    return heartbeat.age_s(written, time.time()), waiting


def egress_beats(url: str, egress: str) -> Probe:
    """False once the egress of this name has been silent for too long.

    A Redis that is down proves nothing.
    """

    async def probe() -> bool:
        client = redis.asyncio.from_url(url, socket_timeout=_TIMEOUT_S)
        try:
            beaten_at = await client.zscore(EGRESS_KEY, egress)
        except (RedisError, OSError):
            return True
        finally:
            await client.aclose()
        return beaten_at is not None and time.time() - float(beaten_at) < _EGRESS_SILENT_S

    return probe


async def forget_relay(url: str, relay: str) -> None:
    """Strike a dead relay from the register, so that rooms move now and not when its heartbeat is 6
    s old.

    What it leaves is the word that it is dead, for those who were connected to it.
    """
    client = redis.asyncio.from_url(url, socket_timeout=_TIMEOUT_S)
    try:
        await client.zrem(RELAYS_KEY, relay)
        await client.delete(RELAY_KEY.format(relay))
        await client.set(GONE_KEY.format(relay), 1, ex=_GONE_S)
    except (RedisError, OSError):
        return  # Then the heartbeat tells, a few seconds later.
    finally:
        await client.aclose()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(address: str, port: int, variable: str, kind: socket.SocketKind) -> None:
    """Raise StartError if nobody could listen there now; `variable` names the setting that moves
    it.
    """
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise StartError(_why_not(error, address, port, variable)) from error


def _why_not(error: OSError, address: str, port: int, variable: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: stop it, or choose another with {variable}={port + 1}."
    if error.errno == errno.EACCES:
        return (
            f"Port {port} needs more rights than you have: choose one above 1023 with {variable}."
        )
    return (
        f"Nothing can listen on {address}, port {port}: {error.strerror}; set BIND or {variable}."
    )
