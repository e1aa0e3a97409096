"""Whoever sees a relay end takes it out of the register, with the rights of the relay alone."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
import redis

from config.supervisor import valkey
from media_relay import gone
from media_relay.protocol.relay import NODES_KEY, gone_key, node_key
from tests.stack.waiting import wait_until

PASSWORD = "a/word@of:signs"


def test_it_takes_a_dead_relay_out_and_says_so(
    own_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_redis.zadd(NODES_KEY, {"relay-dead": time.time(), "relay-alive": time.time()})
    own_redis.set(node_key("relay-dead"), "{}")
    path = own_redis.connection_pool.connection_kwargs["path"]
    monkeypatch.setenv("REDIS_URL", f"unix://{path}")
    monkeypatch.setenv("RELAY_ID", "relay-dead")
    assert gone.main() == 0
    assert own_redis.zrange(NODES_KEY, 0, -1) == [b"relay-alive"]
    assert not own_redis.exists(node_key("relay-dead"))
    assert 0 < own_redis.ttl(gone_key("relay-dead")) <= gone.KEPT_S


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[int]:
    """Return the port of a server with the relay's user of deploy/install, and a second database."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rights = "-@all +@connection +@pubsub +@stream +@string +@sortedset +@keyspace +@scripting"
    user = f"--user relay on >{PASSWORD} ~relay:* resetchannels &asgi* &relay:* {rights}"
    command = [valkey.binary(), "--port", str(port), "--dir", str(tmp_path), user]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until(partial(answers, port), "the server answers", 20)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    with suppress(redis.RedisError), redis.Redis(port=port) as client:
        return bool(client.ping())
    return False


@pytest.mark.parametrize("database", [0, 3])
def test_it_needs_no_more_than_the_rights_of_a_relay(locked: int, database: int) -> None:
    place = f"redis://relay:{quote(PASSWORD, safe='')}@127.0.0.1:{locked}/{database}"
    with redis.Redis(port=locked, db=database) as client:
        client.zadd(NODES_KEY, {"relay-dead": 1, "relay-alive": 2})
        gone.forget(place, "relay-dead")
        assert client.zrange(NODES_KEY, 0, -1) == [b"relay-alive"]
        assert client.get(gone_key("relay-dead")) == b"1"
    with pytest.raises(OSError, match="AUTH: -WRONGPASS"):
        gone.forget(place.replace("relay:", "relay:not"), "relay-alive")


def test_it_is_quick_because_it_loads_little() -> None:
    """On a machine that is full the second that redis-py takes to load is many."""
    code = "import sys, media_relay.gone; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    )
    assert not {"redis", "media_relay.config", "asyncio"} & set(loaded.stdout.split())


def test_it_names_what_it_was_not_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RELAY_ID", raising=False)
    assert gone.main() == 2
    assert "RELAY_ID" in capsys.readouterr().err


def test_it_says_that_redis_is_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", "unix:///no/such/socket")
    monkeypatch.setenv("RELAY_ID", "relay-dead")
    assert gone.main() == 1
    assert "stays in the register" in capsys.readouterr().err
