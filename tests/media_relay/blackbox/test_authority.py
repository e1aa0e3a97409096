"""What the relay refuses, whoever asks, and what it forwards when policies come late, twice or not
at all.
"""

import uuid

import pytest

from media_relay.protocol.relay import (
    MAX_SDP_BYTES,
    AnswerPeer,
    CloseSpace,
    Policy,
    SetPolicy,
    Sources,
)
from tests.bench.peer import Identity
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.stack.valkey import Valkey
from tests.stack.waiting import stays, until

QUIET_S = 0.3  # Fifteen packets' time.


async def test_it_refuses_a_grant_that_has_run_out(scene: Scene) -> None:
    reply = await scene.bus.ask(scene.grant("alice", stage=False, expires_in_s=-1))
    assert (reply["type"], reply["code"]) == ("relay.error", "grant_expired")


async def test_it_refuses_an_answer_for_a_peer_it_does_not_know(scene: Scene) -> None:
    reply = await scene.answer("nobody", "v=0\r\n")
    assert (reply["type"], reply["code"]) == ("relay.error", "unknown_peer")


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "v=0",
        "not SDP at all",
        "\x00" * 100,
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 2000,
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" + "a=rtpmap:111 opus/48000/2\r\n" * 500,
        "v=0\r\n" + "a=ice-ufrag:" + "x" * (2 * MAX_SDP_BYTES),
        "v=0\r\n" + "ä" * 600_000,
    ],
    ids=[
        "empty",
        "one line",
        "no SDP",
        "NULs",
        "many sections",
        "many codecs",
        "over 32 KiB",
        "over 1 MiB",
    ],
)
async def test_it_refuses_a_bad_answer_and_keeps_everyone_else(
    scene: Scene, light: LightRoom, sdp: str
) -> None:
    member = await light.open("alice")
    reply = await scene.answer(member.id, sdp)
    assert reply["type"] == "relay.error"
    assert reply["code"] and reply["text"]
    await light.join("bob")


async def test_it_refuses_an_answer_to_an_answered_peer(scene: Scene, light: LightRoom) -> None:
    member = await light.join("alice")
    reply = await scene.answer(member.id, member.peer.answer)
    assert reply["type"] == "relay.error"
    answered = member.peer.checks_answered
    member.peer.check()
    await until(lambda: member.peer.checks_answered > answered, "the first connection still works")


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '{"type":"peer.open"}',
        '{"type":"nothing"}',
        '{"type":"policy","policy":7}',
        "\x00",
    ],
)
async def test_it_survives_a_request_that_no_web_would_write(
    bus: Bus, light: LightRoom, entry: str
) -> None:
    await bus.send_text(entry)
    await light.join("alice")


async def test_it_ignores_an_older_policy_than_it_has(scene: Scene, light: LightRoom) -> None:
    alice, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(alice)
    await bob.hears()
    scene.publishers.clear()
    await scene.publish()
    await bob.falls_silent()
    old = Policy(scene.space, scene.rev - 1, {"alice": Sources(microphone=True)})
    await scene.bus.send(SetPolicy(old))
    await bob.stays_silent()


async def test_it_does_not_let_a_later_grant_bring_an_older_policy_back(
    scene: Scene, light: LightRoom
) -> None:
    alice, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(alice)
    await bob.hears()
    stale = scene.grant("carol", stage=False)
    await scene.allow("alice")
    await bob.falls_silent()
    assert (await scene.bus.ask(stale))["type"] == "relay.offer"
    await bob.stays_silent()


async def test_it_drops_a_muted_microphone_within_a_quarter_second(
    scene: Scene, light: LightRoom
) -> None:
    alice, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(alice)
    await bob.hears()
    await scene.allow("alice", microphone=False, camera=True)
    await bob.falls_silent()


async def test_it_never_forwards_a_source_that_the_policy_does_not_name(light: LightRoom) -> None:
    alice = await light.join("alice", microphone=True)
    bob = await light.join("bob")
    light.keep_speaking(alice)
    light.keep_filming(alice)
    await bob.hears()
    await stays(lambda: not bob.packets_of("video"), "no picture without permission", QUIET_S)


async def test_it_never_forwards_one_microphone_twice(scene: Scene, light: LightRoom) -> None:
    """A second connection of the same person replaces the first, or neither speaks twice."""
    first, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(first)
    await bob.hears()
    second = await light.join("alice", microphone=True)
    light.keep_speaking(second)
    await scene.bus.expect(first.id, "relay.closed")
    bob.peer.rtp.clear()
    await until(lambda: len(bob.packets_of("audio")) > 30, "the second connection")
    assert len({packet[8:12] for packet in bob.packets_of("audio")}) == 1, "One voice, one slot."


async def test_it_hears_the_former_connection_until_the_new_one_speaks(light: LightRoom) -> None:
    """A page learns later than the relay that its new connection stands: on a busy machine seconds."""
    first, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(first)
    await bob.hears()
    second = await light.join("alice", microphone=True)
    await bob.hears(30)
    speech = light.keep_speaking(second)
    await stays(lambda: not bob.is_silent(), "sound goes over without a pause", QUIET_S)
    speech.cancel()
    # From its first packet on nothing of the former one is taken.
    await bob.falls_silent()


async def test_it_goes_back_to_the_former_connection_when_the_new_one_fails(
    light: LightRoom,
) -> None:
    first, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(first)
    second = await light.join("alice", microphone=True)
    second.speak()
    await light.leave(second)
    await bob.hears(30)


async def test_it_stops_publishing_when_the_lease_runs_out_and_listening_goes_on(
    valkey: Valkey, identity: Identity
) -> None:
    relay = RelayProcess(valkey.url, lease_s=2).start()
    bus = await Bus(valkey.url, relay.relay).start()
    scene = Scene(bus)
    room = LightRoom(scene, identity)
    try:
        alice, bob = await room.join("alice", microphone=True), await room.join("bob")
        room.keep_speaking(alice)
        await bob.hears()
        await bob.falls_silent(timeout_s=5)
        await scene.refresh()
        await bob.hears()
    finally:
        await room.close()
        await bus.close()
        assert relay.stop() == 0, relay.log


async def test_it_closes_the_peers_of_a_space_and_no_others(
    light: LightRoom, scene: Scene, bus: Bus
) -> None:
    alice, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(alice)
    await bus.send(CloseSpace(f"another-{uuid.uuid4().hex}", "ended"))
    await bob.hears()
    await bus.send(CloseSpace(scene.space, "ended"))
    await bob.falls_silent()
    late = await bus.ask(AnswerPeer(uuid.uuid4().hex, alice.id, alice.peer.answer, bus.channel))
    assert late["code"] == "unknown_peer"
