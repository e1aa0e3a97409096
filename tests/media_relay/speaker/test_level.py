from collections.abc import Sequence

import pytest

from media_relay.speaker import level
from media_relay.speaker.level import LevelMeter, level_dbov


@pytest.mark.parametrize(
    ("byte", "dbov"),
    [(0x00, 0), (0x80, 0), (0x9E, -30), (0x7F, -127), (0xFF, -127)],
)
def test_it_reads_the_extensions_byte(byte: int, dbov: int) -> None:
    assert level_dbov(byte) == dbov


def play(
    levels: Sequence[int | None], payload: int = 80, start_ms: int = 1000
) -> tuple[LevelMeter, int]:
    """Return a meter that heard one packet every 20 ms, and the time of the last."""
    meter, now = LevelMeter(), start_ms
    for index, byte in enumerate(levels):
        now = start_ms + 20 * index
        meter.on_packet(byte, payload, now)
    return meter, now


def test_it_is_silent_before_anything_was_heard() -> None:
    assert LevelMeter().dbov(0) == level.SILENCE_DBOV
    assert LevelMeter().rank_dbov(0) == level.SILENCE_DBOV
    assert not LevelMeter().is_steady(100_000)


def test_it_rises_quickly_and_falls_slowly() -> None:
    meter, now = play([127] * 10 + [30] * 4)
    assert meter.rank_dbov(now) > -40
    quiet, now = play([127] * 10 + [30] * 20 + [70] * 4)
    assert -45 < quiet.rank_dbov(now) < -30


def test_it_is_silent_in_a_pause_of_the_packets() -> None:
    meter, now = play([30] * 10)
    assert meter.dbov(now + level.DTX_GAP_MS) == -30
    assert meter.dbov(now + level.DTX_GAP_MS + 1) == level.SILENCE_DBOV
    assert meter.rank_dbov(now + 2000) == level.SILENCE_DBOV


def test_it_takes_sound_without_a_level_for_quiet_speech() -> None:
    meter, now = play([None] * 20)
    assert meter.dbov(now) == level.UNSURE_DBOV
    assert level.SPEECH_DBOV < meter.rank_dbov(now) < -40


@pytest.mark.parametrize("byte", [0x80, None])
def test_it_does_not_believe_a_loud_level_on_a_packet_without_sound(byte: int | None) -> None:
    meter, now = play([byte] * 20, payload=2)
    assert meter.dbov(now) == level.SILENCE_DBOV


def test_it_counts_no_claim_beyond_a_firm_voice() -> None:
    meter, now = play([0x80] * 5)
    assert meter.dbov(now) == level.CEILING_DBOV


def test_it_ranks_a_level_that_never_moves_below_a_voice() -> None:
    steady, now = play([20] * 200)
    moving, _ = play([20 + index % 8 for index in range(200)])
    assert steady.is_steady(now)
    assert not moving.is_steady(now)
    assert steady.rank_dbov(now) < moving.rank_dbov(now)


def test_it_does_not_call_silence_steady() -> None:
    meter, now = play([80] * 400)
    assert not meter.is_steady(now)
