"""A network that loses packets between one person and the relay."""

from collections.abc import AsyncIterator

import pytest

from tests.bench.repair import Asker, Resender
from tests.bench.shaper import Line, Shaper
from tests.media_relay.blackbox.conftest import Join
from tests.media_relay.blackbox.harness import RelayProcess
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.stack.waiting import until

PACKETS = 300
LOSS = 0.10


@pytest.fixture
async def shaper(relay: RelayProcess) -> AsyncIterator[Shaper]:
    shaper = await Shaper(("127.0.0.1", relay.node()["port"]), seed=7).start()
    yield shaper
    shaper.close()


async def test_it_repairs_what_a_listener_lost(light: LightRoom, shaper: Shaper) -> None:
    alice, bob = await light.join("alice", microphone=True, camera=True), await light.open("bob")
    bob.peer.address = shaper.address
    await light.enter(bob)
    asker = Asker(bob.peer, bob.peer.offer.section(bob.offer["slots"]["video"]))
    light.keep_speaking(alice)
    light.keep_filming(alice)
    light.repeat(asker.ask, 0.05, "bob asks")
    await until(lambda: asker.highest > 0, "the first picture")
    shaper.down = Line(loss=LOSS, delay_ms=30)
    shaper.up = Line(delay_ms=30)
    await until(lambda: asker.expected > PACKETS, "some seconds of picture", 20)
    shaper.down = Line(delay_ms=30)
    await until(lambda: len(asker.missing) < asker.expected * 0.01, "nearly all is repaired", 3)
    assert asker.repaired > PACKETS * LOSS / 2, "The network did lose packets."


async def test_it_asks_a_speaker_for_what_it_lost(light: LightRoom, shaper: Shaper) -> None:
    alice, bob = await light.open("alice", microphone=True, camera=True), await light.join("bob")
    alice.peer.address = shaper.address
    await light.enter(alice)
    resender = Resender(alice.peer)
    asker = Asker(bob.peer, bob.peer.offer.section(bob.offer["slots"]["video"]))
    light.keep_speaking(alice)
    light.keep_filming(alice, resender)
    await until(lambda: asker.highest > 0, "the first picture")
    shaper.up = Line(loss=LOSS, delay_ms=30)
    shaper.down = Line(delay_ms=30)
    await until(lambda: asker.expected > PACKETS, "some seconds of picture", 20)
    shaper.up = Line(delay_ms=30)
    await until(lambda: len(asker.missing) < asker.expected * 0.02, "nearly all is repaired", 3)
    assert resender.resent > PACKETS * LOSS / 2, "The relay did ask."


async def test_it_tells_a_speaker_whose_path_loses_packets_and_takes_it_back(
    light: LightRoom, shaper: Shaper
) -> None:
    alice, bob = await light.open("alice", microphone=True, camera=True), await light.join("bob")
    alice.peer.address = shaper.address
    await light.enter(alice)
    alice.peer.keep_consent()
    light.keep_speaking(alice)
    light.keep_filming(alice, Resender(alice.peer))
    await bob.hears()
    shaper.up = Line(loss=0.3, delay_ms=30)
    await until(lambda: sending(light, alice) == "poor", "alice learns it", 15)
    assert light.scene.bus.heard(bob.id, "relay.health") is None, (
        "Nothing is wrong with bob's path."
    )
    shaper.up = Line(delay_ms=30)
    await until(lambda: sending(light, alice) == "good", "alice is well again", 20)


def sending(light: LightRoom, member: LightMember) -> str:
    notice = light.scene.bus.heard(member.id, "relay.health")
    return notice["sending"] if notice else "good"


async def test_it_keeps_sound_and_picture_going_for_aiortc_at_ten_percent_loss(
    join: Join, shaper: Shaper
) -> None:
    alice = await join("alice", microphone=True, camera=True)
    bob = await join("bob", edit_offer=shaper.reroute)
    alice.talk(440)
    picture = alice.show("red")
    await bob.hear(440)
    await bob.see("red")
    shaper.down = Line(loss=LOSS, delay_ms=20, jitter_ms=10)
    sent, seen = picture.frames, bob.eye.frames
    await until(lambda: picture.frames > sent + 120, "four seconds of picture", 20)
    await until(lambda: bob.eye.frames - seen > 0.8 * 120, "most of the frames", 5)
    await bob.hear(440)
