"""A relay on both kinds of address, over its one socket."""

import pytest

from tests.bench.peer import Identity
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
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
