"""`make demo`: what a newcomer hears and sees when nobody else is there."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest

from config.dev.demo.people import PASSWORD
from tests.bench.peer import Identity
from tests.chaos.listener import Listener
from tests.demo.bot import Bot
from tests.demo.face import Face
from tests.demo.voice import RATE, Voice
from tests.stack import parley
from tests.stack.parley import ROOT, Parley
from tests.stack.waiting import until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    site = parley.start(tmp_path_factory.mktemp("parley"))
    yield site
    site.stop()


@pytest.fixture
async def bot(site: Parley) -> AsyncIterator[Bot]:
    bot, on_live = Bot(site.url, "ivan", PASSWORD), asyncio.Event()
    hosting = asyncio.create_task(bot.run("A robot clears its throat", on_live))
    await asyncio.wait_for(on_live.wait(), 60)
    yield bot
    hosting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await hosting


def space(site: Parley, bot: Bot) -> dict[str, object]:
    with urlopen(f"{site.url}/api/v1/spaces/{bot.space['id']}/", timeout=10) as answer:
        found: dict[str, object] = json.load(answer)
        return found


async def test_it_is_heard_by_a_visitor_and_has_its_camera_on(site: Parley, bot: Bot) -> None:
    visitor = Listener(site.url, str(bot.space["id"]), Identity())
    try:
        await until(lambda: visitor.hears, "the visitor hears the robot", 30)
    finally:
        await visitor.close()
    stage = (await asyncio.to_thread(space, site, bot))["stage"]
    assert isinstance(stage, list)
    assert [(seat["user"]["handle"], seat["mic"], seat["camera"]) for seat in stage] == [
        ("ivan", True, True)
    ]


async def test_it_ends_its_space_when_it_goes(site: Parley) -> None:
    bot, on_live = Bot(site.url, "ivan", PASSWORD), asyncio.Event()
    hosting = asyncio.create_task(bot.run("A robot says goodbye", on_live))
    await asyncio.wait_for(on_live.wait(), 60)
    hosting.cancel()
    await asyncio.gather(hosting, return_exceptions=True)
    assert (await asyncio.to_thread(space, site, bot))["state"] == "ended"


def test_it_says_what_to_start_first(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.demo"]
    found = subprocess.run(
        command,
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (1, "")
    assert "start `make run` in another terminal first" in found.stderr


async def test_it_speaks_in_phrases_without_clicks() -> None:
    voice = Voice()
    # Ten seconds, without waiting for them.
    sound = np.concatenate([voice._next() for _ in range(50 * 10)])
    loudness = np.abs(sound).reshape(-1, RATE // 50).max(axis=1)
    assert 0.2 < (loudness > 500).mean() < 0.95  # There is speech, and there are breaths.
    assert np.abs(sound).max() < 32767
    assert np.abs(np.diff(sound)).max() < 12_000  # A click is a jump.


async def test_it_moves_its_mouth_with_its_voice() -> None:
    openness = 0.0
    face = Face(lambda: openness)
    shut = np.asarray(face._draw(1.0))
    openness = 1.0
    assert (np.asarray(face._draw(1.0)) != shut).any()
