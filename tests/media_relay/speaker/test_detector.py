from itertools import pairwise

import pytest

from media_relay.speaker.detector import HOLD_MS, MAX_SPEAKERS, Detector
from media_relay.speaker.level import LevelMeter
from tests.media_relay.speaker.scene import PACKET_MS, UPDATE_MS, Script, during, tone, turns


def play(
    scripts: dict[str, Script], until: int, detector: Detector | None = None
) -> list[tuple[int, str | None]]:
    """Return who became active when."""
    detector = detector or Detector()
    meters = {user: LevelMeter() for user in scripts}
    changes: list[tuple[int, str | None]] = []
    for now in range(0, until, PACKET_MS):
        for user, script in scripts.items():
            level = script(now)
            if level is not None:
                meter = meters[user]
                meter.on_packet(-level, 80, now)
                detector.on_level(user, meter.dbov(now), now, steady=meter.is_steady(now))
        if now % UPDATE_MS == 0 and detector.update(now):
            changes.append((now, detector.active))
    return changes


def who(changes: list[tuple[int, str | None]]) -> list[str | None]:
    return [user for _, user in changes]


def test_it_knows_nobody_in_silence() -> None:
    assert play({"ayu": during(), "budi": during()}, 5000) == []


def test_it_finds_somebody_who_speaks_for_400_ms_within_a_second() -> None:
    changes = play({"ayu": during((1000, 4000)), "budi": during()}, 5000)
    assert who(changes) == ["ayu"]
    assert 1400 <= changes[0][0] <= 2000


@pytest.mark.parametrize("seed", range(5))
def test_it_switches_within_a_second_to_the_next_who_speaks(seed: int) -> None:
    changes = play(
        {"ayu": during((0, 4000), seed=seed), "budi": during((4000, 8000), seed=seed + 50)}, 9000
    )
    assert who(changes) == ["ayu", "budi"]
    assert 4400 <= changes[1][0] <= 5400


@pytest.mark.parametrize("length", [100, 200, 300, 360])
def test_it_takes_no_cough_for_speech(length: int) -> None:
    cough = tone((3000, 3000 + length), level=-15)
    assert who(play({"ayu": during((0, 2000)), "budi": cough}, 8000)) == ["ayu"]


def test_it_takes_no_row_of_coughs_for_speech() -> None:
    coughs = tone(*turns(3000, 700, 300, 9000), level=-15)
    assert who(play({"ayu": during((0, 2000)), "budi": coughs}, 9000)) == ["ayu"]


@pytest.mark.parametrize("turn", [300, 500, 700])
def test_it_does_not_flicker_between_two_who_alternate(turn: int) -> None:
    ayu = during(*turns(0, 2 * turn, turn, 30_000), seed=3)
    budi = during(*turns(turn, 2 * turn, turn, 30_000), seed=4)
    assert len(play({"ayu": ayu, "budi": budi}, 30_000)) <= 2


@pytest.mark.parametrize("turn", [1000, 1500, 2500, 4000])
def test_it_holds_every_choice_for_two_seconds(turn: int) -> None:
    ayu = during(*turns(0, 2 * turn, turn, 30_000), seed=3)
    budi = during(*turns(turn, 2 * turn, turn, 30_000), seed=4)
    changes = play({"ayu": ayu, "budi": budi}, 30_000)
    assert all(later - earlier >= HOLD_MS for (earlier, _), (later, _) in pairwise(changes))


def test_it_follows_a_talk_of_long_turns() -> None:
    ayu = during(*turns(0, 8000, 4000, 24_000), seed=3)
    budi = during(*turns(4000, 8000, 4000, 24_000), seed=4)
    changes = play({"ayu": ayu, "budi": budi}, 24_000)
    assert who(changes) == ["ayu", "budi"] * 3
    assert all(400 <= now - 4000 * index <= 1400 for index, (now, _) in enumerate(changes))


def test_it_keeps_the_last_one_in_silence() -> None:
    detector = Detector()
    assert who(play({"ayu": during((0, 1000)), "budi": during()}, 60_000, detector)) == ["ayu"]
    assert detector.active == "ayu"


def test_it_keeps_the_speaker_while_a_crowd_murmurs() -> None:
    scripts = {
        f"guest {n}": during(*turns(n * 130, 1100, 500, 20_000), level=-44, seed=n)
        for n in range(10)
    }
    scripts["ayu"] = during((0, 20_000), level=-24, seed=99)
    assert who(play(scripts, 20_000)) == ["ayu"]


def test_it_stays_with_who_was_first_when_two_talk_at_once() -> None:
    scripts = {"ayu": during((0, 10_000), seed=3), "budi": during((3000, 10_000), seed=4)}
    assert who(play(scripts, 10_000)) == ["ayu"]


def test_it_gives_in_to_somebody_clearly_louder_for_long() -> None:
    scripts = {
        "ayu": during((0, 15_000), level=-44, seed=3),
        "budi": during((3000, 15_000), level=-22, seed=4),
    }
    assert who(play(scripts, 15_000)) == ["ayu", "budi"]


def test_it_bridges_the_pauses_of_discontinuous_transmission() -> None:
    """In silence there is a packet every 400 ms only; the speaker is no less heard for it."""

    def sparse(script: Script) -> Script:
        return lambda now: script(now) if (script(now) or -127) > -60 or now % 400 == 0 else None

    scripts = {
        "ayu": sparse(during((1000, 3000), (8000, 9000))),
        "budi": sparse(during((4000, 6000), seed=7)),
    }
    assert who(play(scripts, 12_000)) == ["ayu", "budi", "ayu"]


def test_it_ends_an_utterance_when_the_packets_stop() -> None:
    bursts = during(*turns(0, 1000, 300, 10_000), otherwise=None)
    assert play({"ayu": bursts}, 10_000) == []


def test_it_lets_a_voice_take_the_floor_from_a_tone_and_not_the_other_way_round() -> None:
    scripts = {"humming": tone((0, 30_000), level=-10), "ayu": during((10_000, 20_000), level=-35)}
    changes = play(scripts, 20_000)
    assert who(changes) == ["humming", "ayu"]
    assert 10_400 <= changes[1][0] <= 11_400


def test_it_hears_a_tone_when_nobody_else_speaks() -> None:
    scripts = {"a": tone((0, 20_000)), "b": tone((8000, 12_000))}
    changes = play(scripts, 20_000)
    assert who(changes) == ["a", "b", "a"]
    assert changes[1][0] <= 9400
    assert changes[2][0] <= 13_400


def test_it_falls_back_to_the_one_before_when_the_active_one_leaves() -> None:
    detector = Detector()
    scripts = {
        "ayu": during((0, 3000)),
        "budi": during((3000, 6000)),
        "citra": during((6000, 9000)),
    }
    assert who(play(scripts, 9000, detector)) == ["ayu", "budi", "citra"]
    active = []
    for gone in ("budi", "citra", "nobody", "ayu"):
        detector.remove(gone)
        active.append(detector.active)
    assert active == ["citra", "ayu", "ayu", None]


def test_it_knows_who_was_active_last_apart_from_somebody() -> None:
    detector = Detector()
    play({"ayu": during((0, 3000)), "budi": during((3000, 6000))}, 6000, detector)
    assert detector.last_other("budi") == "ayu"
    assert detector.last_other("ayu") == "budi"
    assert detector.last_other("citra") == "budi"


def test_it_does_not_grow_with_the_names_it_hears() -> None:
    detector = Detector()
    for index in range(MAX_SPEAKERS * 3):
        detector.on_level(str(index), -20, 0)
    assert len(detector._speakers) == MAX_SPEAKERS


def test_it_takes_a_time_that_does_not_move_calmly() -> None:
    detector = Detector()
    detector.on_level("ayu", -20, 100)
    assert [detector.update(100), detector.update(100), detector.update(90)] == [
        False,
        False,
        False,
    ]
