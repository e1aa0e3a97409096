"""`python -m media_relay.egress.clip replay.mp4 --from 12.5 --to 40 --out clip.mp4 [--poster
clip.jpg]`: 1 to 30 s.

Says what it does as `render` does; a span that is not in the file is `bad_request`.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import av
from av.error import FFmpegError

from media_relay.egress.render import code_of, fail, say
from media_relay.egress.rendering.compositor import Canvas, save_picture
from media_relay.egress.rendering.mixer import RATE, SAMPLE_BYTES
from media_relay.egress.rendering.mp4_writer import Mp4Writer

MOST_S = 30.0  # RULES §8.
LEAST_S = 1.0


class BadSpan(Exception):
    """The text says what is wrong with it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(
        prog="media_relay.egress.clip", description="Cut a clip out of a replay."
    )
    parser.add_argument("replay", type=Path)
    parser.add_argument("--from", dest="from_s", type=float, required=True, help="seconds")
    parser.add_argument("--to", dest="to_s", type=float, required=True, help="seconds")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--poster", type=Path, help="a JPEG of the first picture")
    options = parser.parse_args(arguments)
    with suppress(OSError):
        # A live talk goes before a clip.
        os.nice(10)
    # Whoever finds the file finds the whole of it.
    draft = options.out.with_name(f".{options.out.name}.part")
    try:
        cut(options.replay, draft, options.from_s, options.to_s, options.poster)
        draft.replace(options.out)
    except BadSpan as error:
        return fail("bad_request", str(error))
    except (OSError, FFmpegError) as error:
        return fail(code_of(error), str(error))
    finally:
        draft.unlink(missing_ok=True)
    say(done=True)
    return 0


def cut(replay: Path, out: Path, from_s: float, to_s: float, poster: Path | None = None) -> None:
    """Write a part of a replay as a file of its own.

    Raises BadSpan, OSError and what PyAV raises.
    """
    if not LEAST_S <= to_s - from_s <= MOST_S:
        raise BadSpan(f"A clip lasts from {LEAST_S:g} to {MOST_S:g} seconds.")
    with av.open(str(replay)) as source:
        if from_s < 0 or to_s > (source.duration or 0) / av.time_base + 0.5:
            raise BadSpan("The clip is not within the replay.")
        movie = Mp4Writer(out, source.metadata.get("title", ""), [])
        try:
            _sound(source, movie, from_s, to_s)
            _pictures(source, movie, from_s, to_s, poster)
            movie.close()
        except BaseException:
            movie.abandon()
            raise


def _sound(
    source: av.container.InputContainer, movie: Mp4Writer, from_s: float, to_s: float
) -> None:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    source.seek(round(max(from_s - 1, 0) * av.time_base))
    position = 0
    first, last = round(from_s * RATE), round(to_s * RATE)
    for frame in source.decode(audio=0):
        if frame.time is None or frame.time >= to_s:
            break
        start = round(frame.time * RATE)
        pcm = b"".join(
            bytes(part.planes[0])[: part.samples * SAMPLE_BYTES]
            for part in resampler.resample(frame)
        )
        pcm = pcm[max(first - start, 0) * SAMPLE_BYTES : max(last - start, 0) * SAMPLE_BYTES]
        ahead = max(start, first) - first - position
        movie.hear(bytes(max(ahead, 0) * SAMPLE_BYTES) + pcm)
        position += max(ahead, 0) + len(pcm) // SAMPLE_BYTES
    movie.hear(bytes((last - first - position) * SAMPLE_BYTES))


def _pictures(
    source: av.container.InputContainer,
    movie: Mp4Writer,
    from_s: float,
    to_s: float,
    poster: Path | None,
) -> None:
    """The picture that is there at the begin of the clip may have begun before it."""
    canvas, opening = Canvas(), None
    source.seek(round(from_s * av.time_base))
    shown_ms = -1
    for frame in source.decode(video=0):
        if frame.time is None or frame.time >= to_s:
            break
        if frame.time <= from_s:
            opening = frame
            continue
        if opening is not None:
            shown_ms = _first(canvas.fit(opening), movie, poster)
            opening = None
        at_ms = round((frame.time - from_s) * 1000)
        if at_ms > shown_ms:
            movie.show(canvas.fit(frame), at_ms)
            shown_ms = at_ms
    if opening is not None:
        shown_ms = _first(canvas.fit(opening), movie, poster)


def _first(frame: av.VideoFrame, movie: Mp4Writer, poster: Path | None) -> int:
    if poster is not None:
        save_picture(frame, poster)
    movie.show(frame, 0, cut=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
