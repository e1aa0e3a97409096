"""Captions through a real relay: light peers talk, an egress process listens, the web reads."""

import asyncio
import time
from contextlib import suppress

import pytest

from tests.media_relay.blackbox.harness import Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.media_relay.egress.conftest import StartEgress
from tests.media_relay.egress.people import Speaker
from tests.media_relay.egress.process import Web
from tests.media_relay.egress.studio import sentences, voice, word_errors
from tests.stack.waiting import until

pytest.importorskip("pocketsphinx", reason="No engine for captions on this Python")

FIRST_WORDS_S = 2.0  # RULES §8.
MOST_ERRORS = 0.2


async def understood(web: Web, user: str, name: str) -> None:
    """Wait until a person's lines say what they said; a stall of the machine may cut a sentence in two."""
    await until(lambda: web.finals(user), f"a line of {user}", 5)
    said = sentences()[name]
    with suppress(TimeoutError):
        await until(lambda: word_errors(said, web.said(user)) <= MOST_ERRORS, f"the whole of {name}", 3)
    assert word_errors(said, web.said(user)) <= MOST_ERRORS, web.said(user)


@pytest.mark.alone
async def test_it_puts_the_right_name_on_each_line(
    scene: Scene, light: LightRoom, web: Web, start_egress: StartEgress
) -> None:
    alice, bob = [Speaker(await light.join(user, microphone=True)) for user in ("alice", "bob")]
    start_egress()
    await web.want(captions=True)
    await web.expect_status(status="ok")

    begun = await alice.say(voice("slt-sunday"))
    await understood(web, "alice", "slt-sunday")
    assert web.first_words_at("alice") - begun <= FIRST_WORDS_S
    begun = await bob.say(voice("rms-party"))
    await understood(web, "bob", "rms-party")
    assert web.first_words_at("bob") - begun <= FIRST_WORDS_S
    assert {line.participant for _, line in web.lines} == {"alice", "bob"}
    line = web.finals("bob")[0]
    assert abs(line.start_ms / 1000 - (time.time() - (time.monotonic() - begun))) < 0.7, (
        "The line begins with the words."
    )

    web.lines.clear()
    at_once = await asyncio.gather(alice.say(voice("slt-welcome")), bob.say(voice("rms-train")))
    await understood(web, "alice", "slt-welcome")
    await understood(web, "bob", "rms-train")
    assert all(
        web.first_words_at(user) - at <= FIRST_WORDS_S for user, at in zip(("alice", "bob"), at_once, strict=True)
    )


async def test_it_falls_silent_with_the_speaker_and_lets_another_have_the_slot(
    scene: Scene, light: LightRoom, web: Web, start_egress: StartEgress
) -> None:
    alice, bob = [Speaker(await light.join(user, microphone=True)) for user in ("alice", "bob")]
    start_egress()
    await web.want(captions=True)
    await web.expect_status(status="ok")
    talking = asyncio.create_task(alice.say(voice("rms-train")))
    await until(lambda: web.lines, "alice's first words", 5)
    await scene.allow("alice")
    muted_at = time.monotonic()
    await until(lambda: web.finals("alice"), "the line ends with the mute", 2)
    await talking
    assert all(at - muted_at < 1 for at, _ in web.lines), "What she says while muted is not heard."
    assert len(web.finals("alice")) == 1

    web.lines.clear()
    await bob.say(voice("slt-welcome"))
    await understood(web, "bob", "slt-welcome")
    assert {line.participant for _, line in web.lines} == {"bob"}


async def test_it_says_when_no_engine_covers_the_language(web: Web, start_egress: StartEgress) -> None:
    start_egress()
    await web.want(captions=True, language="id")
    await web.expect_status(status="unavailable", reason="language")
    await web.want(captions=True, language="en")
    await web.expect_status(status="ok")
