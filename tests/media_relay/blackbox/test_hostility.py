"""Broken and forged datagrams while two others talk; `tests.bench.fuzz` is the long form."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bench.fuzz import LOSS_LIMIT, Attack
from tests.bench.shots import CLASSES
from tests.media_relay.blackbox.light import LightRoom
from tests.stack.waiting import until

SHOTS = 1500
SEED = 20261120
DATA = sorted((Path(__file__).parents[1] / "data").glob("*.bin"))


@pytest.fixture
async def attack(light: LightRoom) -> AsyncIterator[Attack]:
    attack = Attack(light, SEED)
    await attack.prepare()
    yield attack
    attack.stranger.close()


@pytest.mark.parametrize("name", CLASSES)
async def test_it_keeps_everyone_elses_sound_under_mutated_datagrams(
    attack: Attack, name: str
) -> None:
    outcome = await attack.run(name, SHOTS)
    assert outcome.loss < LOSS_LIMIT, outcome


async def test_it_survives_every_datagram_that_ever_broke_something(attack: Attack) -> None:
    """Files named `….keyed.bin` are protected with the attacker's key first, all others go as they
    are.
    """
    assert DATA
    outcome = await attack.replay(
        [path.read_bytes() for path in DATA if ".keyed." not in path.name], keyed=False
    )
    assert outcome.loss < LOSS_LIMIT, outcome
    outcome = await attack.replay(
        [path.read_bytes() for path in DATA if ".keyed." in path.name], keyed=True
    )
    assert outcome.loss < LOSS_LIMIT, outcome


async def test_it_takes_a_thousand_streams_from_one_peer_without_growing(attack: Attack) -> None:
    """The peer's tables are fixed: what is over their size is dropped, and the peer's own stream
    goes on.
    """
    outcome = await attack.many_streams(1000)
    assert outcome.loss < LOSS_LIMIT, outcome
    peer = attack.attacker.peer
    answered = peer.checks_answered
    peer.check()
    await until(lambda: peer.checks_answered > answered, "the peer itself is still in")
