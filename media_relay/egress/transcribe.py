"""`python -m media_relay.egress.transcribe <file> [--language en]`: the words of a voice clip as
`{"text": …}`.

Exit codes: 0; 1 for a file without readable sound, or too long; 3 when no engine covers the
language. What is wrong comes as `{"error": code, "text": …}` with the codes unreadable, too_long,
unavailable.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

import av
from av.error import FFmpegError

from media_relay.config import ConfigError
from media_relay.egress.captions.captioner import clean
from media_relay.egress.captions.engine import RATE, SAMPLE_BYTES, Engine
from media_relay.egress.captions.engine_choice import Unavailable, find
from media_relay.egress.config import read
from media_relay.egress.render import fail, say

MOST_S = 3600.0  # Voice clips have 140 s; whatever somebody else sends must end, too.
# 20 ms: an engine may end one speech and begin another in a longer piece.
FEED_BYTES = RATE // 50 * SAMPLE_BYTES
UNAVAILABLE = 3
# 0.6 s: more than any engine takes to believe in speech (`sphinx.WINDOW_S`) or in its end
# (`endpoint.END_FRAMES`).
_SILENCE = bytes(RATE * 6 // 10 * SAMPLE_BYTES)


class TooLong(Exception):
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(
        prog="media_relay.egress.transcribe", description="Write down a voice clip."
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--language", default="en")
    options = parser.parse_args(arguments)
    with suppress(OSError):
        # A live talk goes before a clip.
        os.nice(10)
    try:
        engine = find(options.language, read().caption_model)()
        text = transcribe(options.file, engine)
    except (Unavailable, ConfigError) as error:
        fail("unavailable", f"No engine here covers {options.language}: {error}")
        return UNAVAILABLE
    except TooLong:
        return fail("too_long", f"It is longer than {MOST_S:g} s.")
    except (OSError, FFmpegError, ValueError) as error:
        return fail("unreadable", str(error))
    say(text=text)
    return 0


def transcribe(path: Path, engine: Engine) -> str:
    """Return what is said in a file, "" for no words.

    Raises TooLong, OSError, ValueError and what PyAV raises.
    """
    texts: list[str] = []
    for pcm in _pieces(path):
        heard = engine.feed(pcm)
        if heard is not None and heard.final:
            texts.append(clean(heard.text))
    last = engine.flush()
    texts.append(clean(last.text) if last is not None else "")
    return " ".join(text for text in texts if text)


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield the sound in pieces of 20 ms, between two silences: an engine listens before it
    believes in speech.
    """
    waiting, fed = bytearray(_SILENCE), 0
    for pcm in _sound(path):
        waiting += pcm
        while len(waiting) >= FEED_BYTES:
            yield bytes(waiting[:FEED_BYTES])
            del waiting[:FEED_BYTES]
            fed += FEED_BYTES
            if fed > MOST_S * RATE * SAMPLE_BYTES:
                raise TooLong
    waiting += _SILENCE  # Ours, so it does not count towards the limit.
    for start in range(0, len(waiting), FEED_BYTES):
        yield bytes(waiting[start : start + FEED_BYTES])


def _sound(path: Path) -> Iterator[bytes]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as file:
        if not file.streams.audio:
            raise ValueError("There is no sound in it.")
        # None lets the resampler give what it holds.
        for frame in chain(file.decode(audio=0), (None,)):
            for part in resampler.resample(frame):
                yield bytes(part.planes[0])[: part.samples * SAMPLE_BYTES]


if __name__ == "__main__":
    sys.exit(main())
