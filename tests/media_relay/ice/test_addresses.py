"""A relay on both kinds of address, over its one socket."""

import re

import pytest

from media_relay.ice.addresses import own_addresses
from tests.bench.peer import Identity
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.media_relay.blackbox.member import Member
from tests.stack.valkey import running_valkey


@pytest.mark.parametrize(
    "addresses", ["127.0.0.1,::1", "127.0.0.1,192.0.2.1"], ids=["dual stack", "wildcard"]
)
async def test_it_carries_sound_however_wide_it_is_bound(addresses: str) -> None:
    with running_valkey() as valkey:
        relay = RelayProcess(valkey.url, {"RELAY_ADDRESSES": addresses}).start()
        bus = await Bus(valkey.url, relay.relay).start()
        room = LightRoom(Scene(bus), Identity())
        try:
            alice, bob = await room.join("alice", microphone=True), await room.join("bob")
            room.keep_speaking(alice)
            await bob.hears()
        finally:
            await room.close()
            await bus.close()
            relay.kill()


@pytest.mark.skipif(len(own_addresses()) < 2, reason="The machine has no address but loopback.")
async def test_it_reaches_a_browser_that_gathers_no_loopback_candidates() -> None:
    """As Firefox: its only candidate is the machine's own address, and it pairs it with none of
    loopback. The relay is for this machine alone.
    """
    with running_valkey() as valkey:
        relay = RelayProcess(valkey.url, {"RELAY_ADDRESSES": "127.0.0.1"}).start()
        bus = await Bus(valkey.url, relay.relay).start()
        scene = Scene(bus)
        speaker = Member(scene, "alice")
        listener = Member(scene, "bob", host=own_addresses()[0])
        try:
            await scene.allow("alice", microphone=True)
            await speaker.join()
            await listener.join(edit_offer=without_loopback)
            speaker.talk(440)
            await listener.hear(440)
        finally:
            await listener.close()
            await speaker.close()
            await bus.close()
            relay.kill()


def without_loopback(offer: str) -> str:
    return re.sub(r"(?m)^a=candidate:.* 127\.0\.0\.1 .*\r?\n", "", offer)
