"""`python -m media_relay.egress.render <recording> --out <folder> --people people.json`: files to
play from a log.

    people.json   {"title": …, "people": {"<user id>": {"name": …, "avatar": "/a/picture" | null}}}

Standard output has JSON lines: `{"progress": 0.0–1.0, "stage": "reading" | "rendering" |
"finishing"}`, at the end `{"done": true}` or `{"error": code, "text": …}` with exit code 1. Codes:
empty, unreadable, disk_full, bad_request.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from av.error import FFmpegError

from media_relay.egress.recording.recorder import FULL
from media_relay.egress.rendering.replay import Empty, make
from media_relay.egress.rendering.still_images import Portrait, StillImages

SAID_EVERY_S = 0.5
MAX_NAME = 80


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(
        prog="media_relay.egress.render", description="Render a recording."
    )
    parser.add_argument("recording", type=Path, help="the folder with the packet log")
    parser.add_argument("--out", type=Path, required=True, help="where the files go")
    parser.add_argument(
        "--people", type=Path, required=True, help="JSON with the title, names and avatars"
    )
    parser.add_argument(
        "--from", dest="skip_s", type=float, default=0.0, help="seconds to leave out at the begin"
    )
    options = parser.parse_args(arguments)
    with suppress(OSError):
        os.nice(10)  # A live talk goes before a replay.
    try:
        cards = read_people(options.people)
    except (OSError, ValueError) as error:
        return fail("bad_request", f"The people cannot be read: {error}")
    try:
        make(options.recording, options.out, cards, max(options.skip_s, 0.0), Progress())
    except Empty:
        return fail("empty", "Nothing was recorded.")
    except (OSError, FFmpegError) as error:
        return fail(code_of(error), str(error))
    say(done=True)
    return 0


class NamedFace(msgspec.Struct, frozen=True):
    """`avatar` is the path of a picture."""

    name: str
    avatar: str | None = None


class PeopleFile(msgspec.Struct, frozen=True):
    """The Space's title, and who is who by user id."""

    title: str
    people: dict[str, NamedFace]


def read_people(path: Path) -> StillImages:
    """Return who is who. Raises OSError, and ValueError for what is not that."""
    file = msgspec.json.decode(path.read_bytes(), type=PeopleFile)
    people = {
        user: Portrait(_line(face.name), Path(face.avatar) if face.avatar else None)
        for user, face in file.people.items()
    }
    return StillImages(_line(file.title), people)


def _line(text: str) -> str:
    return " ".join(text.split())[:MAX_NAME]


class Progress:
    """Says how far it is, twice a second at most."""

    def __init__(self) -> None:
        self._said_s = 0.0

    def __call__(self, share: float, stage: str) -> None:
        now_s = time.monotonic()
        if now_s - self._said_s >= SAID_EVERY_S:
            self._said_s = now_s
            say(progress=round(share, 3), stage=stage)


def code_of(error: Exception) -> str:
    return "disk_full" if getattr(error, "errno", None) in FULL else "unreadable"


def fail(code: str, text: str) -> int:
    say(error=code, text=text)
    return 1


def say(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
