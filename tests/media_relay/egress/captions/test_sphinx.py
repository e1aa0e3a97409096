import wave

import pytest

from tests.media_relay.egress.studio import sentences, wav_path, word_errors

pytest.importorskip("pocketsphinx", reason="No engine for captions on this Python")

import itertools

from media_relay.egress.captions.engine import Engine, Heard
from media_relay.egress.captions.sphinx import LONGEST_S, maker

PIECE = 640  # 20 ms.


def listen(engine: Engine, pcm: bytes) -> list[Heard]:
    found = (engine.feed(pcm[start : start + PIECE]) for start in range(0, len(pcm), PIECE))
    return [heard for heard in found if heard is not None]


def speech(name: str) -> bytes:
    with wave.open(str(wav_path(name))) as file:
        sound: bytes = file.readframes(file.getnframes())
    return bytes(32_000) + sound + bytes(32_000)


@pytest.mark.parametrize("name", ["slt-welcome", "rms-party"])
def test_it_writes_down_a_sentence_while_it_is_said(name: str) -> None:
    heard = listen(maker()(), speech(name))
    final = heard[-1]
    assert [one.final for one in heard] == [False] * (len(heard) - 1) + [True]
    assert len(heard) > 4, "Words come while they are said."
    assert word_errors(sentences()[name], final.text) <= 0.2, final.text
    assert 0.5 < final.begun_s < 1.5, "It begins after the second of silence."


def test_it_says_nothing_about_silence_and_noise() -> None:
    engine = maker()()
    assert listen(engine, bytes(64_000)) == []
    assert engine.flush() is None


def test_it_ends_an_open_sentence_when_the_sound_ends() -> None:
    engine = maker()()
    listen(engine, speech("rms-party")[:100_000])
    last = engine.flush()
    assert last is not None
    assert last.final
    assert last.text.split()[:2] == ["we", "should"]


@pytest.mark.parametrize("extra", [0, 320, 638])
def test_it_ends_wherever_in_a_frame_the_sound_ends(extra: int) -> None:
    engine = maker()()
    listen(engine, speech("rms-party")[: 960 * 100 + extra])
    last = engine.flush()
    assert last is not None
    assert last.text


def test_it_cuts_a_speech_without_pause_and_goes_on() -> None:
    pcm = b"".join(speech(name)[32_000:-32_000] for name in sorted(sentences())) * 2
    finals = [heard for heard in listen(maker()(), pcm) if heard.final]
    starts = [heard.begun_s for heard in finals]
    assert len(finals) >= 2
    assert starts == sorted(starts)
    assert max(after - before for before, after in itertools.pairwise(starts)) <= LONGEST_S + 1
