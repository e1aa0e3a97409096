"""The way everybody goes: open, start, listen, ask, be let up, talk, show, leave, end."""

import pytest

from media_relay.protocol.relay import CloseSpace, Sources
from tests.spaces.sockets import in_room
from tests.spaces.standin import standing_in
from tests.spaces.town import agreen_space, apeople
from tests.stack.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_carries_a_space_from_the_green_room_to_the_end() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await agreen_space(alice)
    async with standing_in() as relay, in_room(space, alice) as host:
        assert host.seen[0]["space"]["state"] == "green"
        assert host.seen[0]["me"]["role"] == "host"
        await host.do("space.start")
        assert (await host.next("space.changed"))["space"]["state"] == "live"
        offer = await host.do("media.connect")
        assert offer["type"] == "media.offer"
        await host.do("media.answer", peer=offer["peer"], sdp="v=0 answer")
        await host.next("media.connected", peer=offer["peer"])
        async with in_room(space, bob) as guest:
            assert guest.seen[0]["me"]["role"] == "listener"
            assert guest.seen[0]["stage"][0]["user"]["handle"] == "alice"
            assert (await guest.do("speak.request", reason="hello"))["state"] == "requested"
            request = (await host.next("request.added"))["request"]
            assert (request["user"]["handle"], request["reason"], request["place"]) == (
                "bob",
                "hello",
                1,
            )
            await host.do("speak.approve", user=bob.pk)
            assert (await guest.next("me.changed"))["me"]["role"] in ("speaker", "listener")
            await guest.do("mic.set", on=True)
            await relay.policy_with(bob.pk, Sources(microphone=True))
            await guest.do("camera.set", on=True)
            await relay.policy_with(bob.pk, Sources(microphone=True, camera=True))
            seat = (await host.next("seat.changed"))["seat"]
            assert seat["user"]["handle"] == "bob"
            await guest.do("seat.leave")
            await until(
                lambda: str(bob.pk) not in relay.policies[-1].publishers, "bob is off the stage"
            )
            await host.do("space.end")
            ended = await guest.next("space.ended")
            assert (ended["reason"], ended["by"]["handle"], ended["listened"]) == (
                "host",
                "alice",
                2,
            )
            assert await guest.closed() == 4410
        assert await host.closed() == 4410
        await until(
            lambda: any(isinstance(r, CloseSpace) for r in relay.requests),
            "the relay closes the Space",
        )
