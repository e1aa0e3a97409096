"""Which relay a connection goes to."""

import json

import pytest
from msgspec import structs

from config import redis_clients
from media_relay.protocol.encoding import encode
from media_relay.protocol.relay import NODES_KEY, Node, home_key, node_key
from spaces.relay import placement


async def up(
    name: str, *, full: bool = False, draining: bool = False, cpu: float = 0.1, seen_at: float = 9e9
) -> None:
    link = redis_clients.in_loop()
    node = Node(name, "127.0.0.1", 1, 0, cpu, draining, full)
    await link.set(node_key(name), encode(node))
    await link.zadd(NODES_KEY, {name: seen_at})


async def home() -> str | None:
    found = await redis_clients.in_loop().get(home_key("s"))
    return found.decode() if isinstance(found, bytes) else found


async def test_it_finds_none_when_none_is_up() -> None:
    assert await placement.choose("s", stage=True) is None


async def test_it_makes_the_least_busy_the_home_and_stays_there() -> None:
    await up("a", cpu=0.5)
    await up("b", cpu=0.2)
    assert await placement.choose("s", stage=True) == "b"
    await up("b", cpu=0.8)
    assert (
        await placement.choose("s", stage=True) == await placement.choose("s", stage=False) == "b"
    )


async def test_it_moves_a_space_whose_home_is_dead() -> None:
    await up("b", seen_at=1.0)
    await redis_clients.in_loop().set(home_key("s"), "b")
    await up("a")
    assert await placement.choose("s", stage=True) == "a"
    assert await home() == "a"


async def test_it_keeps_the_stage_at_a_full_home_and_sends_listeners_elsewhere() -> None:
    await up("a", full=True)
    await redis_clients.in_loop().set(home_key("s"), "a")
    await up("b")
    assert await placement.choose("s", stage=True) == "a"
    assert await placement.choose("s", stage=False) == "b"
    await up("b", full=True)
    assert await placement.choose("s", stage=False) is None


async def test_it_moves_away_from_a_home_that_drains() -> None:
    await up("a", draining=True)
    await redis_clients.in_loop().set(home_key("s"), "a")
    await up("b")
    assert await placement.choose("s", stage=True) == "b"


async def test_it_does_not_ask_again_who_has_just_failed() -> None:
    await up("a", cpu=0.1)
    await up("b", cpu=0.9)
    await redis_clients.in_loop().set(home_key("s"), "a")
    assert await placement.choose("s", stage=False, without=["a"]) == "b"
    assert await placement.choose("s", stage=True, without=["a"]) is None
    assert await home() == "a", "A home that lives is not moved for one silence."


@pytest.mark.parametrize("extra", [{"version": 7}, {}])
async def test_it_reads_nodes_that_say_more_than_we_know(extra: dict[str, int]) -> None:
    await up("a")
    node = Node("a", "127.0.0.1", 1, 0, 0.1, False, False)
    await redis_clients.in_loop().set(node_key("a"), json.dumps({**structs.asdict(node), **extra}))
    assert [each.relay for each in await placement.live_nodes()] == ["a"]
