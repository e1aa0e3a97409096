"""Nobody is gone while nobody could hear them."""

import time
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async

from spaces.consumers import heartbeat, presence
from spaces.services import presence_store
from tests.stack.waiting import until


async def test_it_says_that_it_listens_from_the_first_call_on(own_redis: redis.Redis) -> None:
    called: list[Any] = []  # Any: ASGI scopes.

    async def application(scope: Any, receive: Any, send: Any) -> None:
        called.append(scope)

    # Any: it is called with no more of ASGI than it looks at.
    heard: Any = heartbeat.with_heartbeat(application)
    await heard({"type": "http"}, None, None)
    await heard({"type": "websocket"}, None, None)
    assert [scope["type"] for scope in called] == ["http", "websocket"]
    await until(lambda: own_redis.hget(presence_store.HEARTBEAT_KEY, "last"), "it has said so")


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> float:
    """The one moment at which all of a test happens, however busy the machine is."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    return now


def listened(own_redis: redis.Redis, **ago_s: float) -> None:
    own_redis.hset(
        presence_store.HEARTBEAT_KEY,
        mapping={name: time.time() - age for name, age in ago_s.items()},
    )


@pytest.fixture
def _redis_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence_store, "redis_since", lambda: time.time() - 3600)


@pytest.mark.usefixtures("_redis_is_old")
@pytest.mark.parametrize(
    ("last", "since", "age_s"),
    [(0, 3000, 3000), (4, 3000, 3000), (6, 3000, 0), (0, 7, 7), (590, 700, 0), (610, 3000, 3000)],
)
def test_it_knows_since_when_pings_were_heard(
    own_redis: redis.Redis, now: float, last: float, since: float, age_s: float
) -> None:
    listened(own_redis, last=last, since=since)
    assert now - presence_store.known_since() == pytest.approx(age_s, abs=0.001)


@pytest.mark.usefixtures("_redis_is_old")
async def test_it_begins_anew_where_redis_has_forgotten_everybody(now: float) -> None:
    assert await sync_to_async(presence_store.known_since)() == pytest.approx(now, abs=0.001)
    await presence_store.note_heartbeat()
    assert await sync_to_async(presence_store.known_since)() == pytest.approx(now, abs=0.001)


async def test_it_begins_anew_after_a_break_and_not_after_a_pause(own_redis: redis.Redis) -> None:
    listened(own_redis, last=4, since=100)
    await presence_store.note_heartbeat()
    assert float(own_redis.hget(presence_store.HEARTBEAT_KEY, "since") or 0) < time.time() - 90
    listened(own_redis, last=20)
    await presence_store.note_heartbeat()
    assert float(own_redis.hget(presence_store.HEARTBEAT_KEY, "since") or 0) > time.time() - 5


@pytest.mark.usefixtures("_redis_is_old")
async def test_it_begins_anew_when_pings_were_heard_and_could_not_be_kept(
    own_redis: redis.Redis, now: float
) -> None:
    """A Redis that is nearly full takes one write and refuses the next."""
    listened(own_redis, last=0, since=100)
    own_redis.config_set("maxmemory", 1)
    await presence.touch("room", "7")
    own_redis.config_set("maxmemory", 0)
    for _ in range(2):  # The second finds nothing more to tell.
        await presence_store.note_heartbeat()
        assert await sync_to_async(presence_store.known_since)() == pytest.approx(now, abs=0.001)
    listened(own_redis, last=0, since=100)
    await presence_store.note_heartbeat()
    known_s = now - await sync_to_async(presence_store.known_since)()
    assert known_s == pytest.approx(100, abs=0.001), "It is told once."
