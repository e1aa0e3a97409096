"""Joins and leaves around a talk; `tests.bench.churn` and `tests.bench.silence` are the long forms
of it.
"""

from tests.bench.churn import Churn
from tests.bench.meter import percentile
from tests.bench.silence import Stopwatch
from tests.media_relay.blackbox.harness import RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.stack.waiting import until

VISITS = 100
GROWTH_KIB = 1500  # Per hundred visits, once warm: a leaked peer is 60 KiB or more.


async def test_it_forgets_everyone_who_has_left(relay: RelayProcess, light: LightRoom) -> None:
    visits = Churn(relay, light)
    await visits.prepare()
    before = await visits.come_and_go(VISITS)
    after = await visits.come_and_go(VISITS)
    if after.descriptors > before.descriptors:
        # Once, when commands to Redis first overlap, its pool opens a connection more. A leak grows
        # with every hundred.
        before, after = after, await visits.come_and_go(VISITS)
    assert after.descriptors <= before.descriptors
    assert after.rss_kib - before.rss_kib < GROWTH_KIB, (before, after)


async def test_it_silences_a_muted_or_moved_speaker_at_once(scene: Scene, light: LightRoom) -> None:
    alice, bob = await light.join("alice", microphone=True, camera=True), await light.join("bob")
    watch = Stopwatch(scene, alice, bob, seed=1)
    light.keep_speaking(watch.speaker)
    cuts = [await watch.mute() for _ in range(10)] + [await watch.move_down() for _ in range(10)]
    assert percentile([cut.after_ms for cut in cuts], 0.9) < 200  # DESIGN §5.


async def test_it_says_how_many_peers_it_has(relay: RelayProcess, light: LightRoom) -> None:
    await until(lambda: relay.peers == 0, "everyone of earlier tests is gone")
    member = await light.join("alice")
    await until(lambda: relay.node()["peers"] == 1, "the heartbeat counts the peer")
    await light.leave(member)
    await until(lambda: relay.node()["peers"] == 0, "the heartbeat forgets the peer")
    node = relay.node()
    assert (node["address"], node["draining"], node["full"]) == ("127.0.0.1", False, False)
