"""Re-encode uploaded voice clips, in a child process with little memory and time.

Nothing of the file survives but its sound, and a hostile file costs the worker nothing.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

UPLOAD_BYTES = 8 * 1024 * 1024  # 140 s at 256 kbit/s are 4.5 MB.
CHILD_S = 60  # Wall clock, on a machine that is busy; its own limit is 20 s of CPU.
# What a file may be, by its first bytes: (where, which, the decoder's name of it).
SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x1aE\xdf\xa3", "matroska"),  # WebM, from Chromium and Firefox.
    (4, b"ftyp", "mov"),  # MP4, from Safari.
    (0, b"OggS", "ogg"),
    (0, b"RIFF", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"ID3", "mp3"),
    (0, b"\xff\xfb", "mp3"),
)
_CHILD = Path(__file__).with_name("transcode.py")
CODES = frozenset({"not_audio", "too_long", "too_short", "too_many_streams"})


class UnusableClip(ValueError):
    """The upload cannot become a clip; `code` is one of CODES or "too_slow"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class EncodedClip:
    """The same sound twice, its length, and how loud it is from beginning to end (0 to 100)."""

    opus: bytes
    m4a: bytes
    duration_ms: int
    waveform: list[int]


def format_of(data: bytes) -> str | None:
    """Return the decoder's name for `data`; None if it does not begin like any recording."""
    for at, signature, name in SIGNATURES:
        if data[at : at + len(signature)] == signature:
            return name
    return None


def reencode(data: bytes, most_s: int) -> EncodedClip:
    """Return `data` as Ogg Opus and AAC.

    Raises UnusableClip for anything but one recording of at most `most_s`.
    """
    form = format_of(data)
    if form is None:
        raise UnusableClip("not_audio")
    with tempfile.TemporaryDirectory(prefix="parley-voice-") as folder:
        # -I: no module of the folder it runs in, and no variable of the environment, gets in.
        command = [sys.executable, "-I", str(_CHILD), folder, str(most_s), form]
        try:
            child = subprocess.run(
                command, input=data, capture_output=True, timeout=CHILD_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise UnusableClip("too_slow") from error
        try:
            answer = json.loads(child.stdout)
        except ValueError:  # Killed by one of its limits, or by a fault of a codec.
            raise UnusableClip("not_audio") from None
        if "refused" in answer:
            code = str(answer["refused"])
            raise UnusableClip(code if code in CODES else "not_audio")
        opus = Path(folder, "voice.ogg").read_bytes()
        m4a = Path(folder, "voice.m4a").read_bytes()
    return EncodedClip(opus, m4a, answer["duration_ms"], answer["waveform"])
