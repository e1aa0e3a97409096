"""What a session says to the web, over a real Valkey."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from media_relay.egress import space_session
from media_relay.egress.captions.pool import Pool
from media_relay.egress.space_session import EgressContext, SpaceSession
from media_relay.protocol.egress import Caption, captions_channel, parse_message
from tests.stack.valkey import Valkey


@pytest.fixture
async def link(own_valkey: Valkey) -> AsyncIterator[redis.asyncio.Redis]:
    link = redis.asyncio.Redis.from_url(own_valkey.url)
    yield link
    await link.aclose()


async def test_it_says_the_end_of_a_line_once_more(
    link: redis.asyncio.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space_session, "SAY_AGAIN_S", 0.2)
    heard = link.pubsub(ignore_subscribe_messages=True)
    await heard.subscribe(captions_channel("s"))
    pool: Any = object.__new__(Pool)  # Nothing is heard here, so no engine is asked for.
    context = EgressContext(link, "e1", tmp_path, "", pool, lambda: 0)
    session = SpaceSession(context, "s", lambda: True)
    begun = Caption("7", "a", "The river", False, 5)
    ended, last = Caption("7", "a", "The river is", True, 5), Caption("7", "b", "Wide", True, 6)
    said: list[Any] = []  # Any: messages of egress.
    try:
        for caption in (begun, ended):
            session._on_caption(caption)
        async with asyncio.timeout(10):
            while len(said) < 4:
                message = await heard.get_message(timeout=1)
                if message:
                    said.append(parse_message(message["data"]))
                if len(said) == 3:
                    session._on_caption(last)
    finally:
        await session.close("stopped")
        await heard.aclose()  # type: ignore[no-untyped-call]  # Theirs is untyped.
    assert said == [begun, ended, ended, last]
