"""The media side of a socket, against a stand-in relay on the real streams."""

from dataclasses import replace

import pytest
from django.contrib.sessions.models import Session
from pytest_django import Settings

from accounts.realtime.socket import CloseCode
from config import redis_clients
from config.limits import LIMITS
from media_relay.protocol.relay import (
    NODES_KEY,
    Assignment,
    Closed,
    PathHealth,
    PathQuality,
    SetPeerPin,
    SetPeerVideo,
    Sources,
    Speaker,
    gone_key,
)
from spaces.relay import turn
from tests.spaces.sockets import in_room
from tests.spaces.standin import standing_in
from tests.spaces.town import agreen_space, alive_space, apeople, aperson
from tests.stack.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_says_no_relay_when_none_is_up() -> None:
    space = await alive_space(await aperson("alice"))
    async with in_room(space) as visitor:
        assert await visitor.refused("media.connect") == "no_relay"


async def test_it_says_at_once_that_a_relay_has_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spaces.relay.watch.CHECK_EVERY_S", 0.02)
    space = await alive_space(await aperson("alice"))
    async with standing_in("r1"), in_room(space) as visitor:
        offer = await visitor.do("media.connect")
        await visitor.do("media.answer", peer=offer["peer"], sdp="v=0")
        await visitor.next("media.connected")
        await redis_clients.in_loop().set(gone_key("r1"), 1)
        closed = await visitor.next("media.closed")
        assert (closed["peer"], closed["reason"]) == (offer["peer"], "relay_lost")
        async with standing_in("r2", cpu=0.0):
            await redis_clients.in_loop().zrem(NODES_KEY, "r1")
            assert (await visitor.do("media.connect"))["peer"] != offer["peer"]


async def test_it_offers_turn_servers_that_are_configured(settings: Settings) -> None:
    settings.TURN_URLS, settings.TURN_SECRET = ["turns:turn.example:443?transport=tcp"], "north"
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with standing_in(), in_room(space, alice) as host:
        (server,) = (await host.do("media.connect"))["ice_servers"]
    assert server["urls"] == settings.TURN_URLS
    assert server["credential"] == turn.credential(server["username"], "north")
    settings.TURN_URLS = []
    async with standing_in(), in_room(space, alice) as host:
        assert (await host.do("media.connect"))["ice_servers"] == []


async def test_it_asks_another_relay_when_one_refuses() -> None:
    space = await alive_space(await aperson("alice"))
    async with (
        standing_in("busy", cpu=0.1) as busy,
        standing_in("free", cpu=0.5) as free,
        in_room(space) as visitor,
    ):
        busy.refuses = "relay_full"
        offer = await visitor.do("media.connect")
        assert [peer.peer for peer in free.opened] == [offer["peer"]]
        assert free.opened[0].user == "" and free.opened[0].stage is False


async def test_it_asks_another_relay_when_one_is_deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spaces.consumers.media.REPLY_S", 0.2)
    space = await alive_space(await aperson("alice"))
    async with (
        standing_in("deaf", cpu=0.1) as deaf,
        standing_in("free", cpu=0.5) as free,
        in_room(space) as visitor,
    ):
        deaf.is_deaf = True
        offer = await visitor.do("media.connect")
        assert [peer.peer for peer in free.opened] == [offer["peer"]]
        await until(lambda: deaf.closed, "the deaf relay is told to drop what it may have made")


async def test_it_gives_up_after_two_relays() -> None:
    space = await alive_space(await aperson("alice"))
    async with standing_in("a") as first, standing_in("b") as second, in_room(space) as visitor:
        first.refuses = second.refuses = "relay_full"
        assert await visitor.refused("media.connect") == "no_relay"


async def test_it_sends_listeners_elsewhere_when_home_is_full() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with standing_in("home", cpu=0.1) as home, in_room(space, alice) as host:
        await host.do("media.connect")
        home.node = type(home.node)("home", "127.0.0.1", 1, 900, 0.9, False, True)
        await home.announce()
        async with standing_in("second", cpu=0.5) as second, in_room(space, bob) as guest:
            await guest.do("media.connect")
            assert [peer.user for peer in second.opened] == [str(bob.pk)]
            await host.do("mic.set", on=True)
            await second.policy_with(alice.pk, Sources(microphone=True))
            await home.policy_with(alice.pk, Sources(microphone=True))


async def test_it_binds_the_grant_to_person_room_and_moment() -> None:
    alice = await aperson("alice")
    space = await agreen_space(alice)
    async with standing_in() as relay, in_room(space, alice) as host:
        await host.do("media.connect")
        opened = relay.opened[0]
        assert (opened.space, opened.user, opened.stage) == (space.public_id, str(alice.pk), True)
        assert opened.policy.publishers == {str(alice.pk): Sources()}


async def test_it_closes_an_unfinished_connection_on_a_new_one_and_the_last_with_the_leaving() -> (
    None
):
    space = await alive_space(await aperson("alice"))
    async with standing_in() as relay, in_room(space) as visitor:
        first = await visitor.do("media.connect")
        second = await visitor.do("media.connect")
        await until(
            lambda: [peer.peer for peer in relay.closed] == [first["peer"]], "the first is closed"
        )
        await visitor.do("room.leave")
        await visitor.closed()
        await until(
            lambda: [peer.peer for peer in relay.closed] == [first["peer"], second["peer"]],
            "so is the second",
        )


async def test_it_closes_the_media_of_somebody_removed_at_once() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with standing_in() as relay, in_room(space, alice) as host, in_room(space, bob) as guest:
        offer = await guest.do("media.connect")
        await host.do("room.remove", user=bob.pk)
        await until(
            lambda: (offer["peer"], "removed") in [(p.peer, p.reason) for p in relay.closed],
            "it is closed",
        )


async def test_it_closes_the_media_of_a_log_in_that_has_ended_and_stops_what_it_sends() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice, speak_rule="everyone")
    async with standing_in() as relay, in_room(space, bob, "p1") as guest:
        await guest.do("speak.request")
        offer = await guest.do("media.connect")
        await guest.do("mic.set", on=True)
        await relay.policy_with(bob.pk, Sources(microphone=True))
        await Session.objects.all().adelete()
        assert await guest.closed() == CloseCode.LOG_IN
        await until(
            lambda: (offer["peer"], "removed") in [(p.peer, p.reason) for p in relay.closed],
            "it is closed",
        )
        await until(
            lambda: str(bob.pk) not in relay.policies[-1].publishers, "they may send nothing"
        )


async def test_it_refuses_the_answer_of_another_connection() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with standing_in(), in_room(space, alice) as host, in_room(space, bob) as guest:
        offer = await host.do("media.connect")
        assert await guest.refused("media.answer", peer=offer["peer"], sdp="v=0") == "media_failed"


async def test_it_passes_on_pins_and_pauses() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with standing_in() as relay, in_room(space) as visitor:
        offer = await visitor.do("media.connect")
        await visitor.do("media.video", on=False)
        await visitor.do("media.pin", user=alice.pk)
        await until(
            lambda: SetPeerVideo(offer["peer"], False) in relay.requests, "pictures are paused"
        )
        await until(
            lambda: SetPeerPin(offer["peer"], str(alice.pk)) in relay.requests, "alice is pinned"
        )


async def test_it_stops_forwarding_somebody_moved_down_whatever_they_do() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice, speak_rule="everyone")
    async with standing_in() as relay, in_room(space, alice) as host, in_room(space, bob) as guest:
        await host.do("media.connect")
        await guest.do("speak.request")
        await guest.do("mic.set", on=True)
        await relay.policy_with(bob.pk, Sources(microphone=True))
        await host.do("seat.move_down", user=bob.pk)
        assert await guest.refused("mic.set", on=True) == "not_allowed"
        await until(
            lambda: str(bob.pk) not in relay.policies[-1].publishers, "bob publishes no more"
        )


async def test_it_tells_the_browser_what_the_relay_says() -> None:
    space = await alive_space(await aperson("alice"))
    async with standing_in() as relay, in_room(space) as visitor:
        offer = await visitor.do("media.connect")
        await relay.tell(PathHealth(offer["peer"], PathQuality.POOR, PathQuality.GOOD))
        told = await visitor.next("media.health")
        assert (told["level"], told["sending"]) == ("poor", "good")
        await relay.tell(Speaker(Assignment(active="3"), personal=True))
        assert (await visitor.next("speaker.changed", personal=True))["assigned"]["active"] == 3
        await relay.tell(Closed(offer["peer"], "consent_lost"))
        assert (await visitor.next("media.closed"))["reason"] == "consent_lost"
        await visitor.do("media.connect")


async def test_it_keeps_the_connection_before_until_the_new_one_stands() -> None:
    space = await alive_space(await aperson("alice"))
    async with standing_in() as relay, in_room(space) as visitor:
        first = await visitor.do("media.connect")
        await visitor.do("media.answer", peer=first["peer"], sdp="v=0")
        await visitor.next("media.connected")
        second = await visitor.do("media.connect")
        assert relay.closed == []
        await visitor.do("media.answer", peer=second["peer"], sdp="v=0")
        await visitor.next("media.connected", peer=second["peer"])
        await until(
            lambda: [peer.peer for peer in relay.closed] == [first["peer"]], "the first is closed"
        )


async def test_it_goes_on_with_the_old_connection_when_a_new_one_is_refused() -> None:
    space = await alive_space(await aperson("alice"))
    async with standing_in() as relay, in_room(space) as visitor:
        first = await visitor.do("media.connect")
        await visitor.do("media.answer", peer=first["peer"], sdp="v=0")
        await visitor.next("media.connected")
        relay.refuses = "relay_full"
        assert await visitor.refused("media.connect") == "no_relay"
        await visitor.do("media.video", on=False)
        await until(
            lambda: SetPeerVideo(first["peer"], False) in relay.requests, "the first is still ours"
        )


async def test_it_lets_sound_go_on_over_a_lost_socket_and_ends_it_when_they_stay_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spaces.consumers.media.LIMITS", replace(LIMITS, gone_after_s=1))
    space = await alive_space(await aperson("alice"))
    async with standing_in() as relay:
        async with in_room(space) as visitor:
            offer = await visitor.do("media.connect")
        async with in_room(space) as other:
            await other.do("media.connect")
            assert relay.closed == []
            await until(
                lambda: [peer.peer for peer in relay.closed] == [offer["peer"]],
                "the lost one is closed",
            )


async def test_it_lets_sound_go_on_when_it_cuts_a_line_that_is_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("accounts.realtime.send_queue.UNREAD_MAX_BYTES", 4096)
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with standing_in() as relay:
        async with in_room(space, alice) as host:
            await host.do("media.connect")
            for _ in range(LIMITS.socket_snapshots_per_s):
                await host.send("snapshot.get")
            assert await host.closed() == CloseCode.SLOW
        async with in_room(space, alice) as host:
            await host.do("media.connect")
            assert len(relay.opened) == 2 and not relay.closed, (
                "The page is back and the old sound went on until now."
            )


async def test_it_ends_the_media_of_somebody_removed_whose_socket_is_lost() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with standing_in() as relay, in_room(space, alice) as host:
        async with in_room(space, bob) as guest:
            offer = await guest.do("media.connect")
        await host.do("room.remove", user=bob.pk)
        await until(lambda: offer["peer"] in [peer.peer for peer in relay.closed], "it is closed")


async def test_it_lets_sound_go_on_when_the_same_page_is_back_before_its_old_socket_died() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with standing_in() as relay, in_room(space, alice, page="one") as old:
        await old.do("media.connect")
        async with in_room(space, alice, page="one") as new:
            assert await old.closed() == 4408
            await new.do("media.connect")
            assert relay.closed == []


async def test_it_silences_the_first_tab_when_a_second_one_opens() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with standing_in() as relay, in_room(space, alice, page="one") as old:
        offer = await old.do("media.connect")
        async with in_room(space, alice, page="two"):
            assert await old.closed() == 4408
            await until(
                lambda: (offer["peer"], "replaced") in [(p.peer, p.reason) for p in relay.closed],
                "it is cut",
            )
