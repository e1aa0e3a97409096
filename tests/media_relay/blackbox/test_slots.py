"""What a slot's stream looks like on the wire while the people in it change: one SSRC, no holes, no
jumps.
"""

import struct
from itertools import pairwise
from typing import Any

from media_relay.protocol.relay import ClosePeer
from tests.bench.repair import payload
from tests.media_relay.blackbox.harness import Scene
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.stack.waiting import until

ENOUGH = 40  # Packets, more than a second of picture.


def numbers(packets: list[bytes]) -> list[int]:
    """Return the sequence numbers in order, unrolled from the first one, each once."""
    first = int.from_bytes(packets[0][2:4], "big")
    return sorted({(int.from_bytes(packet[2:4], "big") - first) & 0xFFFF for packet in packets})


def picture_ids(packets: list[bytes]) -> list[int]:
    """Return the 15-bit picture ids in the order of arrival (RFC 7741 §4.2)."""
    return [int.from_bytes(payload(packet)[2:4], "big") & 0x7FFF for packet in packets]


def is_key_frame(packet: bytes) -> bool:
    body = payload(packet)
    return bool(body[0] & 0x10) and not body[4] & 1


async def two_on_stage(light: LightRoom) -> tuple[LightMember, LightMember, LightMember]:
    """Return two who film, and a listener."""
    alice = await light.join("alice", microphone=True, camera=True)
    bob = await light.join("bob", microphone=True, camera=True)
    listener = await light.join("carol")
    light.keep_filming(alice)
    light.keep_filming(bob)
    return alice, bob, listener


async def test_it_keeps_the_numbers_of_a_slot_whole_when_the_speaker_changes(
    light: LightRoom, scene: Scene
) -> None:
    alice, bob, carol = await two_on_stage(light)
    alice_talks = light.keep_speaking(alice)
    await until(lambda: scene.told_of(active="alice", video="alice"), "alice on the stage")
    await until(lambda: len(carol.packets_of("video")) > ENOUGH, "alice's picture")
    alice_talks.cancel()
    light.keep_speaking(bob)
    await until(lambda: scene.told_of(active="bob", video="bob"), "bob on the stage")
    before = len(carol.packets_of("video"))
    await until(lambda: len(carol.packets_of("video")) > before + ENOUGH, "bob's picture")
    packets = carol.packets_of("video")
    assert len({packet[8:12] for packet in packets}) == 1, "One slot, one SSRC."
    assert numbers(packets) == list(range(len(numbers(packets))))
    ids = picture_ids(packets)
    assert all((later - earlier) & 0x7FFF in (0, 1) for earlier, later in pairwise(ids))


async def test_it_begins_every_new_picture_with_a_key_frame(light: LightRoom, scene: Scene) -> None:
    alice, bob, carol = await two_on_stage(light)
    light.keep_speaking(alice)
    await until(lambda: carol.packets_of("video"), "alice's picture")
    assert is_key_frame(carol.packets_of("video")[0])
    await scene.allow("alice", microphone=True)
    light.keep_speaking(bob, level_dbov=-10)
    await until(lambda: scene.told_of(video="bob"), "bob's picture, as alice's camera is off")
    keys = [packet for packet in carol.packets_of("video") if is_key_frame(packet)]
    assert len(keys) >= 2


async def test_it_never_lets_a_publishers_mid_through(light: LightRoom) -> None:
    """A foreign MID would misroute the packet in a browser (RFC 9143 §9.2)."""
    alice, _, carol = await two_on_stage(light)
    light.keep_speaking(alice)
    await until(
        lambda: carol.packets_of("video") and len(carol.packets_of("audio")) > 5,
        "sound and picture",
    )
    microphone = alice.streams["microphone"].section
    assert microphone.extensions, "There is something to blank."
    for packet in carol.peer.rtp:
        size = len(packet) - len(payload(packet))
        assert not any(packet[16:size]), "Every element of the extension block is blanked."


async def test_it_carries_sound_through_the_wrap_of_a_publishers_numbers(light: LightRoom) -> None:
    alice, bob = await light.open("alice", microphone=True), await light.join("bob")
    alice.streams["microphone"].sequence = 65_500
    alice.streams["microphone"].timestamp_rtp = 0xFFFF_F000
    await light.enter(alice)
    light.keep_speaking(alice)
    await until(lambda: len(bob.packets_of("audio")) > 100, "two seconds of sound")
    packets = bob.packets_of("audio")
    assert len(numbers(packets)) == len(packets)
    stamps = [struct.unpack_from("!I", packet, 4)[0] for packet in packets]
    assert all((later - earlier) & 0xFFFFFFFF == 960 for earlier, later in pairwise(stamps))


async def test_it_gives_the_slot_to_the_next_when_a_speaker_leaves(
    light: LightRoom, scene: Scene
) -> None:
    alice, bob, carol = await two_on_stage(light)
    light.keep_speaking(alice)
    light.keep_speaking(bob, level_dbov=-50)
    await until(lambda: scene.told_of(video="alice"), "alice on the stage")
    await scene.allow("alice")
    await scene.bus.send(ClosePeer(alice.id, "left"))
    await until(lambda: scene.told_of(active="bob", video="bob"), "bob on the stage")
    await carol.hears()


async def test_it_tells_a_speaker_what_their_own_slots_carry(
    light: LightRoom, scene: Scene
) -> None:
    alice, bob, _ = await two_on_stage(light)
    light.keep_speaking(alice)
    light.keep_speaking(bob)
    await until(
        lambda: "bob" in personal(scene, alice)["audio"], "alice is told that she hears bob"
    )
    assert "alice" not in personal(scene, alice)["audio"]
    await until(lambda: personal(scene, alice)["video"] == "bob", "alice is told that she sees bob")


# Any: `assigned` of media_relay.protocol.relay.
def personal(scene: Scene, member: LightMember) -> dict[str, Any]:
    """Return what the member was told last of their own slots."""
    notice = scene.bus.heard(member.id, "relay.speaker") or member.offer
    return dict(notice["assigned"])
