"""The pool with real children: one that hears, one that sleeps, one that dies."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

pytest.importorskip("pocketsphinx", reason="No engine for captions on this Python")

from media_relay.egress.captions.pool import BEHIND_S, Lane, Pool
from tests.media_relay.egress.studio import STEP, voice
from tests.stack.waiting import until


class Talk:
    """One lane and what came of it."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.words: list[tuple[str, bool, int]] = []
        self.lost = 0
        self.lane: Lane | None = None
        self._timestamp = 0

    async def open(self) -> "Talk":
        def opened() -> Lane | None:
            return self.pool.open("en", lambda *words: self.words.append(words), self._on_lost)

        self.lane = await until(opened, "a lane", 20)
        return self

    def say(self, packets: tuple[bytes, ...]) -> None:
        assert self.lane is not None
        for packet in packets:
            self.pool.packet(self.lane, packet, self._timestamp, round(time.time() * 1000))
            self._timestamp += STEP

    def _on_lost(self) -> None:
        self.lost += 1


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    pool = Pool("", 1)
    yield pool
    await pool.close()
    assert pool.pids == []


async def test_it_says_at_once_what_there_is_when_a_lane_is_closed(pool: Pool) -> None:
    talk = await Talk(pool).open()
    talk.say(voice("rms-party")[:100])
    assert talk.lane is not None
    pool.close_lane(talk.lane)
    await until(lambda: talk.words and talk.words[-1][1], "the final words", 5)
    assert talk.words[-1][0].startswith("we should talk")


async def test_it_drops_what_is_late_and_goes_on_when_it_has_caught_up(pool: Pool) -> None:
    talk = await Talk(pool).open()
    (child,) = pool.pids
    os.kill(child, signal.SIGSTOP)
    try:
        talk.say(voice("rms-party")[:50])

        def is_behind() -> bool:
            pool.tick()
            return pool.is_behind

        begun = time.monotonic()
        await until(is_behind, "it notices", BEHIND_S + 2)
        assert time.monotonic() - begun >= BEHIND_S - 0.2
        assert talk.lost == 1
        assert pool.open("en", lambda *_: None, lambda: None) is None, (
            "Nobody is let in while it is behind."
        )
        talk.say(voice("rms-party")[50:])
    finally:
        os.kill(child, signal.SIGCONT)

    def caught_up() -> bool:
        pool.tick()
        return not pool.is_behind

    await until(caught_up, "it catches up", 10)
    assert talk.words == [], "Nothing of what was dropped is said."
    again = await Talk(pool).open()
    again.say(voice("slt-welcome"))
    await until(lambda: again.words, "words again", 10)


async def test_it_takes_another_child_when_one_dies(pool: Pool) -> None:
    talk = await Talk(pool).open()
    (child,) = pool.pids
    os.kill(child, signal.SIGKILL)
    await until(lambda: talk.lost, "the lane is lost", 5)
    again = await Talk(pool).open()
    assert pool.pids != [child]
    again.say(voice("slt-welcome"))
    await until(lambda: again.words, "words again", 10)


async def test_it_ends_a_child_that_has_nothing_to_do(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await Talk(pool).open()
    assert talk.lane is not None
    pool.drop_lane(talk.lane)
    monkeypatch.setattr("media_relay.egress.captions.pool.IDLE_S", 0.0)

    def is_empty() -> bool:
        pool.tick()
        return not pool.pids

    await until(is_empty, "the child is gone", 10)
    await asyncio.sleep(0)
