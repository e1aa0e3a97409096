"""Which relays count as dead, and who is told."""

import pytest
import redis

from config import redis_clients
from media_relay.protocol.relay import NODES_KEY, gone_key
from spaces.relay import watch as relay_watch
from spaces.relay.watch import RelayWatch
from tests.stack.waiting import until


class Socket:
    """A follower that writes down what it is told."""

    def __init__(self, *relays: str) -> None:
        self.relays = list(relays)
        self.lost: list[str] = []

    def on_lost(self, relay: str) -> None:
        self.relays.remove(relay)
        self.lost.append(relay)


def watched(*sockets: Socket) -> RelayWatch:
    """Return a watch that looks when the test says so."""
    watch = RelayWatch()
    for socket in sockets:
        watch._followers.add(socket)
    return watch


async def test_it_tells_those_at_a_relay_whose_supervisor_saw_its_end() -> None:
    here, there, both = Socket("a"), Socket("b"), Socket("b", "a")
    watch = watched(here, there, both)
    await redis_clients.in_loop().set(gone_key("a"), 1)
    await watch.check()
    await watch.check()
    assert (here.lost, there.lost, both.lost) == (["a"], [], ["a"])


async def test_it_leaves_everybody_in_peace_whatever_the_heartbeats_say() -> None:
    """Sound goes on while Redis is away; that must not end because Redis is back, old or empty."""
    socket = Socket("old", "unknown")
    await redis_clients.in_loop().zadd(NODES_KEY, {"old": 1.0})
    await watched(socket).check()
    assert socket.lost == []


async def test_it_goes_on_looking_after_redis_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    socket = Socket("a")
    watch = watched(socket)
    await redis_clients.in_loop().set(gone_key("a"), 1)
    with monkeypatch.context() as away:
        away.setattr(redis_clients, "in_loop", RedisThatIsAway)
        await watch.check()
    assert socket.lost == []
    await watch.check()
    assert socket.lost == ["a"]


class RedisThatIsAway:
    async def mget(self, keys: list[str]) -> list[str]:
        raise redis.ConnectionError("away")


async def test_it_looks_by_itself_as_long_as_somebody_is_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay_watch, "CHECK_EVERY_S", 0.01)
    watch, socket = relay_watch.watch(), Socket("a")
    assert relay_watch.watch() is watch
    watch.add(socket)
    await redis_clients.in_loop().set(gone_key("a"), 1)
    await until(lambda: socket.lost == ["a"], "the word of its death")
    watch.discard(socket)
    await until(lambda: watch._task is not None and watch._task.done(), "the end of looking")
