"""What the relay tells those who send and those who listen about the path between them."""

import re
import struct

from tests.bench.repair import nack, payload
from tests.media_relay.blackbox.harness import Scene
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.stack.waiting import stays, until

SENDER_REPORT, RECEIVER_REPORT, RTPFB, PSFB = 200, 201, 205, 206
REPORT_S = 0.5


def reports(member: LightMember) -> list[tuple[int, int, bytes]]:
    """Return (packet type, format, packet) of all RTCP a member received, compounds taken apart."""
    found = []
    for compound in member.peer.rtcp:
        at = 0
        while at + 4 <= len(compound):
            size = 4 * (int.from_bytes(compound[at + 2 : at + 4], "big") + 1)
            found.append((compound[at + 1], compound[at] & 0x1F, compound[at : at + size]))
            at += size
    return found


def has(member: LightMember, kind: int, form: int | None = None) -> bool:
    return any(one[0] == kind and form in (None, one[1]) for one in reports(member))


async def test_it_sends_listeners_a_sender_report_for_each_stream_in_use(light: LightRoom) -> None:
    """Without it a browser cannot keep lips and voice together (RFC 3550 §6.4.1)."""
    alice, bob = await light.join("alice", microphone=True, camera=True), await light.join("bob")
    light.keep_speaking(alice)
    light.keep_filming(alice)
    await until(lambda: bob.packets_of("audio") and bob.packets_of("video"), "sound and picture")
    in_use = {packet[8:12] for packet in bob.peer.rtp}
    await until(
        lambda: in_use <= {one[2][4:8] for one in reports(bob) if one[0] == SENDER_REPORT},
        "both reports",
    )


async def test_it_tells_a_publisher_what_arrived_and_how_much_it_may_send(light: LightRoom) -> None:
    alice = await light.join("alice", microphone=True, camera=True)
    light.keep_speaking(alice)
    light.repeat(lambda: alice.film(key=False), 1 / 30, "alice films")
    await until(lambda: has(alice, RECEIVER_REPORT), "a receiver report")
    await until(
        lambda: any(b"REMB" in one[2] for one in reports(alice) if one[:2] == (PSFB, 15)),
        "a bitrate",
    )


async def test_it_asks_for_a_key_frame_when_somebody_new_is_shown(light: LightRoom) -> None:
    alice = await light.join("alice", microphone=True, camera=True)
    light.keep_speaking(alice)
    light.repeat(lambda: alice.film(key=False), 1 / 30, "alice films without a key frame")
    await light.join("bob")
    await until(lambda: has(alice, PSFB, 1), "a picture loss indication")


async def test_it_asks_for_few_key_frames_however_many_are_wanted(light: LightRoom) -> None:
    alice, bob = await light.join("alice", microphone=True, camera=True), await light.join("bob")
    light.keep_speaking(alice)
    light.repeat(lambda: alice.film(key=False), 1 / 30, "alice films without a key frame")
    slot = bob.peer.offer.section(bob.offer["slots"]["video"]).ssrcs[0]
    light.repeat(lambda: bob.peer.request_key_frame(slot), 0.01, "bob wants key frames")
    await until(lambda: has(alice, PSFB, 1), "a picture loss indication")
    alice.peer.rtcp.clear()
    await stays(
        lambda: sum(one[:2] == (PSFB, 1) for one in reports(alice)) <= 3,
        "at most two a second",
        1.0,
    )


async def test_it_pauses_the_picture_and_keeps_the_sound_on_a_bad_path(
    light: LightRoom, scene: Scene
) -> None:
    alice, bob, carol = (
        await light.join("alice", microphone=True, camera=True),
        await light.join("bob"),
        await light.join(),
    )
    light.keep_speaking(alice)
    light.keep_filming(alice)
    await until(lambda: bob.packets_of("video"), "the picture")
    light.repeat(Complainer(bob, fraction_lost=0.4).report, REPORT_S, "bob reports loss")
    await until(lambda: level(scene, bob) == "poor", "the word of a poor connection", 8)
    await until(
        lambda: level(scene, bob) == "audio_only", "the word that the picture is paused", 12
    )
    bob.peer.rtp.clear()
    await bob.hears(packets=20)
    assert not bob.packets_of("video")
    assert level(scene, carol) == "good", "Nobody else is touched."
    await until(lambda: len(carol.packets_of("video")) > 5, "the picture at the others")


async def test_it_sends_sound_twice_on_a_path_that_loses_some(light: LightRoom) -> None:
    alice, bob, carol = (
        await light.join("alice", microphone=True),
        await light.join("bob"),
        await light.join(),
    )
    light.keep_speaking(alice)
    await bob.hears()
    light.repeat(Complainer(bob, fraction_lost=0.1).report, REPORT_S, "bob reports loss")
    # SRTP drops the second copy of what has come: that it is the very same packet shows there.
    await until(lambda: bob.peer.undecryptable > 10, "second copies", 8)
    await bob.hears(packets=20)
    assert carol.peer.undecryptable == 0, "Nobody else is touched."


async def test_it_repeats_a_picture_in_a_stream_of_its_own_where_that_is_agreed(
    light: LightRoom,
) -> None:
    alice, bob = await light.join("alice", microphone=True, camera=True), await light.join("bob")
    light.keep_speaking(alice)
    light.keep_filming(alice)
    await until(lambda: len(bob.packets_of("video")) > 10, "the picture")
    wanted = bob.packets_of("video")[-3]
    sequence, ssrc = struct.unpack_from("!H4xI", wanted, 2)
    bob.peer.send_rtcp(nack(1, ssrc, [sequence]))
    rtx = bob.peer.offer.section(bob.offer["slots"]["video"]).payload_types["rtx"]
    await until(lambda: any(packet[1] & 0x7F == rtx for packet in bob.peer.rtp), "the repetition")
    again = next(packet for packet in bob.peer.rtp if packet[1] & 0x7F == rtx)
    assert payload(again) == wanted[2:4] + payload(wanted)
    assert again[8:12] != wanted[8:12]
    assert bob.peer.undecryptable == 0


async def test_it_repeats_the_very_same_packet_where_it_is_not(light: LightRoom) -> None:
    alice, bob = await light.join("alice", microphone=True, camera=True), await light.open("bob")
    bob.peer.answer = re.sub(r"(m=video 9 \S+ 9[68]) 9[79]", r"\1", bob.peer.answer)
    await light.enter(bob)
    light.keep_speaking(alice)
    light.keep_filming(alice)
    await until(lambda: len(bob.packets_of("video")) > 10, "the picture")
    sequence, ssrc = struct.unpack_from("!H4xI", bob.packets_of("video")[-3], 2)
    bob.peer.send_rtcp(nack(1, ssrc, [sequence]))
    await until(lambda: bob.peer.undecryptable == 1, "the repetition, which SRTP knows")


def level(scene: Scene, member: LightMember) -> str:
    notice = scene.bus.heard(member.id, "relay.health")
    return notice["level"] if notice else "good"


class Complainer:
    """Sends receiver reports that claim a share of loss on every stream (RFC 3550 §6.4.2)."""

    def __init__(self, member: LightMember, fraction_lost: float) -> None:
        self.member = member
        self.fraction = int(fraction_lost * 256)

    def report(self) -> None:
        highest = {
            packet[8:12]: int.from_bytes(packet[2:4], "big") for packet in self.member.peer.rtp
        }
        blocks = [
            ssrc + struct.pack("!B3xIIII", self.fraction, last, 0, 0, 0)
            for ssrc, last in highest.items()
        ]
        head = struct.pack("!BBHI", 0x80 | len(blocks), RECEIVER_REPORT, 1 + 6 * len(blocks), 1)
        self.member.peer.send_rtcp(head + b"".join(blocks))
