"""A Space on two relays: the stage at its home, listeners at either."""

from collections.abc import AsyncIterator

import pytest
import redis

from media_relay.protocol.relay import home_key
from tests.bench.peer import Identity
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.media_relay.blackbox.member import Member
from tests.stack.valkey import Valkey


class Elsewhere:
    """A second relay and the same Space there."""

    def __init__(self, relay: RelayProcess, bus: Bus, scene: Scene, identity: Identity) -> None:
        self.relay = relay
        self.bus = bus
        self.scene = scene
        self.room = LightRoom(scene, identity)


@pytest.fixture
async def elsewhere(valkey: Valkey, scene: Scene, identity: Identity) -> AsyncIterator[Elsewhere]:
    with redis.Redis.from_url(valkey.url) as client:
        client.set(home_key(scene.space), scene.bus.relay, ex=600)
    relay = RelayProcess(valkey.url).start()
    bus = await Bus(valkey.url, relay.relay).start()
    there = Elsewhere(relay, bus, scene.at(bus), identity)
    yield there
    await there.room.close()
    await bus.close()
    assert relay.alive, relay.log
    assert "Traceback" not in relay.log, relay.log
    assert relay.stop() == 0, relay.log


async def test_it_carries_sound_and_picture_to_a_listener_at_another_relay(
    scene: Scene, elsewhere: Elsewhere
) -> None:
    await scene.allow("alice", microphone=True, camera=True)
    alice, near, far = (
        Member(scene, "alice", stage=True),
        Member(scene, "bob"),
        Member(elsewhere.scene, "carol"),
    )
    try:
        for member in (alice, near, far):
            await member.join()
        alice.talk(440)
        alice.show("red")
        for listener in (near, far):
            await listener.hear(440)
            await listener.see("red")
        late = Member(elsewhere.scene, "dave")
        await late.join()
        try:
            await late.see("red", timeout_s=1.5)
        finally:
            await late.close()
    finally:
        for member in (alice, near, far):
            await member.close()


async def test_it_cuts_a_muted_speaker_at_every_relay(
    scene: Scene, light: LightRoom, elsewhere: Elsewhere
) -> None:
    alice, bob = await light.join("alice", microphone=True), await elsewhere.room.join("bob")
    light.keep_speaking(alice)
    await bob.hears()
    await scene.allow("alice")
    await bob.falls_silent()


async def test_it_sends_everyone_to_the_new_home_when_a_space_moves(
    valkey: Valkey, scene: Scene, light: LightRoom, elsewhere: Elsewhere
) -> None:
    alice, bob = await light.join("alice", microphone=True), await elsewhere.room.join("bob")
    light.keep_speaking(alice)
    await bob.hears()
    with redis.Redis.from_url(valkey.url) as client:
        client.set(home_key(scene.space), elsewhere.relay.relay, ex=600)
    assert (await scene.bus.expect(alice.id, "relay.closed"))["reason"] == "moved"
    assert (await elsewhere.bus.expect(bob.id, "relay.closed"))["reason"] == "moved", (
        "An edge becomes a home anew."
    )
    again = await elsewhere.room.join("alice", microphone=True)
    elsewhere.room.keep_speaking(again)
    listener = await elsewhere.room.join("carol")
    await listener.hears()
