from collections.abc import AsyncIterator

import pytest
import redis.asyncio

from media_relay.egress.lease import GRACE_S, LEASE_S, Lease, lease_key
from tests.stack.valkey import Valkey


@pytest.fixture
async def link(own_valkey: Valkey) -> AsyncIterator[redis.asyncio.Redis]:
    link = redis.asyncio.Redis.from_url(own_valkey.url)
    yield link
    await link.aclose()


async def test_it_lets_one_at_a_time_serve_a_space(link: redis.asyncio.Redis) -> None:
    ours, theirs = Lease(link, "s", "a"), Lease(link, "s", "b")
    assert await ours.take()
    assert not await theirs.take()
    assert (ours.is_held, theirs.is_held) == (True, False)
    assert await ours.take(), "The holder renews it."
    await theirs.give_back()
    assert await link.get(lease_key("s")) == b"a", "Nobody gives back what is not theirs."
    await ours.give_back()
    assert not ours.is_held
    assert await theirs.take()


async def test_it_runs_out_for_the_others_later_than_for_its_holder(
    link: redis.asyncio.Redis,
) -> None:
    now = [100.0]
    lease = Lease(link, "s", "a", lambda: now[0])
    await lease.take()
    assert 0 < await link.pttl(lease_key("s")) <= LEASE_S * 1000
    now[0] += LEASE_S - GRACE_S - 0.01
    assert lease.is_held
    now[0] += 0.02
    assert not lease.is_held, "A process that slept knows that it is too late."


async def test_it_gives_the_lease_to_who_comes_back_under_the_same_name(
    link: redis.asyncio.Redis,
) -> None:
    assert await Lease(link, "s", "a").take()
    assert await Lease(link, "s", "a").take()
