"""A Space on two real relays over a real Valkey: its stage at one, listeners at the other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import redis

from media_relay.protocol.relay import (
    Assignment,
    feedback_channel,
    home_key,
    parse_assignment,
    slots_channel,
)
from media_relay.redis.cascade import PACKETS, SlotFeed, entries
from tests.bench.peer import Identity
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom, asks_for_key_frame
from tests.stack.valkey import Valkey, running_valkey
from tests.stack.waiting import stays, until

LOOK_S = 2.5  # Longer than from one look of a relay to the next.


@dataclass
class Site:
    """One relay and the web's way to it, for the one Space of the test."""

    relay: RelayProcess
    bus: Bus
    room: LightRoom

    async def close(self) -> None:
        await self.room.close()
        await self.bus.close()
        self.relay.kill()


@dataclass
class Two:
    valkey: Valkey
    home: Site
    edge: Site

    def set_home(self, relay: str) -> None:
        with redis.Redis.from_url(self.valkey.url) as client:
            client.set(home_key(self.home.room.scene.space), relay)

    async def publish(self) -> None:
        """Tell both relays the policy, as the web does."""
        await self.home.room.scene.publish()
        self.edge.room.scene.publishers = self.home.room.scene.publishers
        self.edge.room.scene.rev = self.home.room.scene.rev
        await self.edge.room.scene.refresh()


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture
async def two(valkey: Valkey) -> AsyncIterator[Two]:
    identity = Identity()
    sites = [await _open_site(valkey, identity) for _ in range(2)]
    sites[1].room.scene.space = sites[0].room.scene.space
    two = Two(valkey, *sites)
    two.set_home(two.home.relay.relay)
    yield two
    for site in sites:
        await site.close()


async def _open_site(valkey: Valkey, identity: Identity) -> Site:
    relay = RelayProcess(valkey.url).start()
    bus = await Bus(valkey.url, relay.relay).start()
    return Site(relay, bus, LightRoom(Scene(bus), identity))


async def test_it_carries_sound_to_a_listener_at_another_relay(two: Two) -> None:
    alice = await two.home.room.join("alice", microphone=True)
    bob = await two.edge.room.join("bob")
    two.home.room.keep_speaking(alice)
    await bob.hears()


async def test_it_carries_the_picture_from_a_key_frame_on(two: Two) -> None:
    alice = await two.home.room.join("alice", microphone=True, camera=True)
    two.home.room.keep_speaking(alice)
    two.home.room.keep_filming(alice)
    bob = await two.edge.room.join("bob")
    await until(lambda: len(bob.packets_of("video")) > 10, "the picture at the other relay")
    carol = await two.edge.room.join("carol")
    await until(lambda: len(carol.packets_of("video")) > 10, "the picture for one who comes later")


async def test_it_keeps_numbers_without_gaps_at_the_other_relay(two: Two) -> None:
    alice = await two.home.room.join("alice", microphone=True)
    bob = await two.edge.room.join("bob")
    two.home.room.keep_speaking(alice)
    await until(lambda: len(bob.packets_of("audio")) > 50, "a second of sound")
    numbers = [int.from_bytes(packet[2:4], "big") for packet in bob.packets_of("audio")]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len({packet[8:12] for packet in bob.packets_of("audio")}) == 1


async def test_the_home_says_again_where_it_is_when_redis_has_forgotten(two: Two) -> None:
    """Else a policy that is said again reaches no relay, and after its lease nobody is heard."""
    alice = await two.home.room.join("alice", microphone=True)
    bob = await two.edge.room.join("bob")
    two.home.room.keep_speaking(alice)
    await bob.hears()
    key = home_key(two.home.room.scene.space)
    with redis.Redis.from_url(two.valkey.url) as client:
        client.delete(key)
        name = two.home.relay.relay.encode()
        await until(lambda: client.get(key) == name, "the home is known again")
        assert client.ttl(key) > 0
    # The other relay does not take itself for the home meanwhile.
    await stays(
        lambda: not two.edge.bus.heard(bob.id, "relay.closed"), "it stays where it is", LOOK_S
    )
    await bob.hears()


async def test_it_asks_the_home_for_a_key_frame_when_a_listener_needs_one(two: Two) -> None:
    alice = await two.home.room.join("alice", microphone=True, camera=True)
    two.home.room.keep_filming(alice)
    bob = await two.edge.room.join("bob")
    await until(lambda: bob.packets_of("video"), "the picture")
    asked: list[bytes] = []
    film_on = alice.peer.on_rtcp

    def note(packet: bytes) -> None:
        asked.append(packet)
        film_on(packet)

    alice.peer.on_rtcp = note
    ssrc = int.from_bytes(bob.packets_of("video")[0][8:12], "big")

    def asks() -> bool:
        bob.peer.request_key_frame(ssrc)
        return any(map(asks_for_key_frame, asked))

    await until(asks, "a PLI at the camera")


async def test_it_answers_a_nack_at_the_relay_of_the_listener(two: Two) -> None:
    alice = await two.home.room.join("alice", microphone=True)
    bob = await two.edge.room.join("bob")
    two.home.room.keep_speaking(alice)
    await bob.hears(20)
    before = two.edge.relay.metrics()["relay_retransmitted_total"]
    lost = bob.packets_of("audio")[-5]
    nack = bytes.fromhex("81cd0003") + (1).to_bytes(4, "big") + lost[8:12] + lost[2:4] + b"\0\0"
    bob.peer.send_rtcp(nack)
    await until(
        lambda: two.edge.relay.metrics()["relay_retransmitted_total"] > before, "the packet again"
    )


async def test_it_sends_a_listener_who_gets_a_seat_to_the_home(two: Two) -> None:
    await two.home.room.join("alice", microphone=True)
    bob = await two.edge.room.join("bob")
    await two.home.room.scene.allow("bob", microphone=True)
    await two.publish()
    assert (await two.edge.bus.expect(bob.id, "relay.closed"))["reason"] == "moved"


async def test_it_sends_everyone_away_when_the_home_moves(two: Two) -> None:
    alice = await two.home.room.join("alice", microphone=True)
    bob = await two.edge.room.join("bob")
    two.set_home(two.edge.relay.relay)
    for site, member in ((two.home, alice), (two.edge, bob)):
        assert (await site.bus.expect(member.id, "relay.closed"))["reason"] == "moved"
    two.edge.room.scene.publishers = two.home.room.scene.publishers
    alice = await two.edge.room.join("alice", microphone=True)
    bob = await two.edge.room.join("bob")
    two.edge.room.keep_speaking(alice)
    await bob.hears()


async def test_it_publishes_nothing_while_nobody_subscribes(two: Two) -> None:
    alice = await two.home.room.join("alice", microphone=True)
    bob = await two.home.room.join("bob")
    two.home.room.keep_speaking(alice)
    await bob.hears(50)
    with redis.Redis.from_url(two.valkey.url) as client:
        commands = client.info("commandstats")
        published = commands.get("cmdstat_publish", {}).get("calls", 0)
        await bob.hears(50)
        assert (
            client.info("commandstats").get("cmdstat_publish", {}).get("calls", 0) - published < 20
        )


async def test_it_is_not_disturbed_by_nonsense_on_its_channels(two: Two) -> None:
    alice = await two.home.room.join("alice", microphone=True)
    bob = await two.edge.room.join("bob")
    two.home.room.keep_speaking(alice)
    await bob.hears()
    space = two.home.room.scene.space
    with redis.Redis.from_url(two.valkey.url) as client:
        for data in (
            b"",
            b"K",
            b"K\xff",
            b"P\0",
            b"P\0\xff\xff",
            b"P\x09\0\1a",
            b"P\0\0\0",
            b"S\0\0\1a",
            b"A{",
            b"?",
        ):
            client.publish(feedback_channel(space), data)
            client.publish(slots_channel(space), data)
    await bob.hears(30)
    assert "Traceback" not in two.edge.relay.log + two.home.relay.log


async def test_it_puts_all_packets_of_a_turn_into_one_message() -> None:
    sent: list[bytes] = []
    feed = SlotFeed("s", lambda channel, data: sent.append(data))
    feed.packet(0, b"one")
    feed.packet(3, b"three")
    await asyncio.sleep(0)
    assert [list(entries(data)) for data in sent] == [[(0, b"one"), (3, b"three")]]
    assert sent[0][:1] == PACKETS


@pytest.mark.parametrize("data", [b"P\0", b"P\0\0", b"P\0\0\5four"])
def test_it_refuses_a_message_that_is_cut_short(data: bytes) -> None:
    with pytest.raises(ValueError, match="truncated"):
        list(entries(data))


async def test_it_sends_what_is_collected_before_a_new_assignment() -> None:
    sent: list[bytes] = []
    feed = SlotFeed("s", lambda channel, data: sent.append(data))
    feed.packet(0, b"old voice")
    feed.assigned(Assignment(("7", None, None)))
    assert [data[:1] for data in sent] == [b"P", b"A"]
    assert parse_assignment(sent[1][1:]) == Assignment(("7", None, None))
