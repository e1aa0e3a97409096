"""Sound and picture through the relay, seen from outside by aiortc's own peer connection."""

from media_relay.protocol.relay import ClosePeer, CloseSpace, SetPeerPin, SetPeerVideo
from tests.media_relay.blackbox.conftest import Join
from tests.media_relay.blackbox.harness import Scene
from tests.media_relay.blackbox.member import Member, with_wrong_fingerprint, without_audio_level
from tests.stack.waiting import stays, until

SILENCE_S = 0.6  # Longer than an ear remembers.


async def test_it_carries_sound_and_a_moving_picture_to_every_listener(join: Join) -> None:
    alice = await join("alice", microphone=True, camera=True)
    bob, visitor = await join("bob"), await join()
    alice.talk(440)
    alice.show("red")
    for listener in (bob, visitor):
        await listener.hear(440)
        await listener.see("red")
    assert alice.hears == set(), "Nobody hears themselves."
    assert alice.sees == "", "Nobody's own picture is on their own stage."


async def test_it_lets_a_speaker_be_heard_without_audio_levels(join: Join) -> None:
    """A client that does not send RFC 6464 levels counts as moderately loud, not as silent."""
    alice = await join("alice", edit_offer=without_audio_level, microphone=True)
    bob = await join("bob")
    alice.talk(600)
    await bob.hear(600)


async def test_it_forwards_three_talkers_and_never_a_fourth(join: Join) -> None:
    alice, bob = await join("alice", microphone=True), await join("bob", microphone=True)
    carol, dave = await join("carol", microphone=True), await join("dave", microphone=True)
    listener = await join("erin")
    alice.talk(400)
    bob.talk(800)
    carol.talk(1200)
    await listener.hear(400, 800, 1200)
    dave.talk(1600)
    await stays(lambda: len(listener.hears) <= 3, "never more than three voices", SILENCE_S)
    assert 400 not in alice.hears, "Nobody hears themselves."


async def test_it_shows_the_one_who_speaks(join: Join, scene: Scene) -> None:
    alice = await join("alice", microphone=True, camera=True)
    bob = await join("bob", microphone=True, camera=True)
    listener = await join("carol")
    voice = alice.talk(440)
    alice.show("red")
    bob.show("blue")
    await listener.see("red")
    await bob.see("red")
    voice.quiet = True
    bob.talk(880)
    await listener.see("blue")
    await listener.hear(880)
    await until(
        lambda: scene.told_of(active="bob", video="bob"), "the notice of speaker and picture"
    )
    await stays(lambda: bob.sees != "blue", "bob's own picture is never on bob's stage", SILENCE_S)


async def test_it_shows_a_late_joiner_the_picture_at_once(join: Join) -> None:
    alice = await join("alice", microphone=True, camera=True)
    alice.talk(440)
    alice.show("green")
    first = await join("bob")
    await first.see("green")
    late = await join("carol")
    await late.see("green", timeout_s=1.5)  # RULES §7.


async def test_it_falls_silent_when_the_speaker_is_muted_by_policy(
    join: Join, scene: Scene
) -> None:
    alice = await join("alice", microphone=True, camera=True)
    bob = await join("bob")
    alice.talk(440)
    alice.show("red")
    await bob.hear(440)
    await bob.see("red")
    await scene.allow("alice", microphone=False, camera=True)
    await bob.hear(timeout_s=2)
    assert bob.sees == "red", "A muted person's camera goes on."
    await scene.allow("alice", microphone=True, camera=True)
    await bob.hear(440, timeout_s=3)


async def test_it_cuts_someone_who_is_moved_down_whatever_their_client_does(
    join: Join, scene: Scene
) -> None:
    alice = await join("alice", microphone=True, camera=True)
    bob = await join("bob")
    alice.talk(440)
    alice.show("red")
    await bob.hear(440)
    await bob.see("red")
    await scene.allow("alice")
    await bob.hear(timeout_s=2)
    await bob.see("", timeout_s=2)
    frames = bob.eye.frames
    await stays(
        lambda: bob.hears == set(), "alice stays silent though her client sends on", SILENCE_S
    )
    assert bob.eye.frames == frames


async def test_it_forwards_nothing_from_a_listener_who_sends(join: Join) -> None:
    alice = await join("alice", microphone=True)
    mallory, bob = await join("mallory"), await join("bob")
    mallory.talk(1000)
    mallory.show("yellow")
    alice.talk(440)
    await bob.hear(440)
    await stays(lambda: bob.hears == {440} and bob.sees == "", "nothing from a listener", SILENCE_S)
    await mallory.hear(440)


async def test_it_makes_a_listener_a_speaker_without_a_new_connection(
    join: Join, scene: Scene
) -> None:
    alice = await join("alice", microphone=True)
    bob, carol = await join("bob"), await join("carol")
    alice.talk(440)
    await bob.hear(440)
    await scene.allow("bob", microphone=True)
    bob.talk(1000)
    await carol.hear(440, 1000)
    await alice.hear(1000)
    await bob.hear(440)


async def test_it_gives_no_media_to_a_client_with_another_certificate(
    join: Join, scene: Scene
) -> None:
    alice, bob = await join("alice", microphone=True), await join("bob")
    alice.talk(440)
    await bob.hear(440)
    mallory = Member(scene, "mallory")
    await mallory.negotiate(edit_answer=with_wrong_fingerprint)
    await scene.bus.expect(mallory.peer, "relay.closed")
    assert scene.bus.heard(mallory.peer, "relay.connected") is None
    assert mallory.audio_frames == 0
    await mallory.close()
    await bob.hear(440)


async def test_it_sends_nothing_more_to_a_closed_peer(join: Join, scene: Scene) -> None:
    alice, bob, carol = await join("alice", microphone=True), await join("bob"), await join("carol")
    alice.talk(440)
    await bob.hear(440)
    await scene.bus.send(ClosePeer(bob.peer, "left"))
    await bob.hear(timeout_s=2)
    await carol.hear(440)


async def test_it_ends_every_peer_when_the_space_ends(join: Join, scene: Scene) -> None:
    members = [await join("alice", microphone=True), await join("bob"), await join()]
    members[0].talk(440)
    await members[2].hear(440)
    await scene.bus.send(CloseSpace(scene.space, "ended"))
    for member in members:
        notice = await scene.bus.expect(member.peer, "relay.closed", timeout_s=2)
        assert notice["reason"] == "ended"
        await member.hear(timeout_s=2)


async def test_it_shows_the_spotlight_and_a_viewers_own_pin(join: Join, scene: Scene) -> None:
    alice = await join("alice", microphone=True, camera=True)
    bob = await join("bob", microphone=True, camera=True)
    carol, dave = await join("carol"), await join("dave")
    alice.talk(440)
    alice.show("red")
    bob.show("blue")
    await carol.see("red")
    scene.spotlight = "bob"
    await scene.publish()
    await carol.see("blue")
    await dave.see("blue")
    await scene.bus.send(SetPeerPin(carol.peer, "alice"))
    await carol.see("red")
    assert dave.sees == "blue", "A pin is the viewer's own."
    await scene.bus.send(SetPeerPin(carol.peer, None))
    await carol.see("blue")


async def test_it_pauses_the_picture_for_one_peer_and_resumes_it(join: Join, scene: Scene) -> None:
    alice = await join("alice", microphone=True, camera=True)
    bob, carol = await join("bob"), await join("carol")
    alice.talk(440)
    alice.show("red")
    await bob.see("red")
    await scene.bus.send(SetPeerVideo(bob.peer, False))
    await bob.see("", timeout_s=3)
    await carol.see("red")
    await bob.hear(440)
    await scene.bus.send(SetPeerVideo(bob.peer, True))
    await bob.see("red", timeout_s=3)


async def test_it_carries_a_shared_screen_in_its_own_slot(join: Join) -> None:
    alice = await join("alice", microphone=True, camera=True, screen=True)
    bob = await join("bob")
    alice.talk(440)
    alice.show("red")
    alice.share("blue")
    await bob.see("red")
    await until(lambda: bob.sees_screen == "blue", "the shared screen")
    assert bob.sees == "red", "The screen does not take the camera's place."
