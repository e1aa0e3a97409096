"""Re-encode uploaded voice clips, in a child process with little memory and time.

Nothing of the file survives but its sound, and a hostile file costs the worker nothing.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from config import decoding_slots
from config.child_input import from_its_start

CHILD_S = 60  # Wall clock, on a machine that is busy; its own limit is 20 s of CPU.
WORKER_WAIT_S = 60  # Nobody waits for the worker as for a page.
HEAD_BYTES = 12
ID3_HEAD_BYTES = 10
# What a file may be, by its first bytes: (where, which, the decoder's name of it).
SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x1aE\xdf\xa3", "matroska"),  # WebM, from Chromium and Firefox.
    (4, b"ftyp", "mov"),  # MP4 and M4A, from Safari and phones; 3GP.
    (0, b"OggS", "ogg"),
    (8, b"WAVE", "wav"),  # In RIFF, or in RF64 above 4 GB.
    (0, b"fLaC", "flac"),
    (0, b"FORM", "aiff"),
    (0, b"caff", "caf"),
    (0, b"#!AMR", "amr"),
    (0, b".snd", "au"),
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


def format_of(head: bytes) -> str | None:
    """Return the decoder's name for a file that begins so; None if no recording does.

    `head` are its first HEAD_BYTES, or more.
    """
    for at, signature, name in SIGNATURES:
        if head[at : at + len(signature)] == signature:
            return name
    # Frames without a file around them: eleven bits set, the version, the layer.
    # Source: ISO/IEC 11172-3 section 2.4.1.3, ISO/IEC 13818-7 section 6.2.1 (ADTS: layer 0).
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0x06:
        return "mp3"
    return "aac" if head[1] & 0xF0 == 0xF0 else None


def look(file: IO[bytes], most_s: int) -> None:
    """Raises UnusableClip at once for what `reencode` would refuse after seconds.

    Not for everything: what only the last sample shows is found by `reencode`. Raises Unavailable
    while the machine is busy with others.
    """
    _run(file, "look", most_s)


def reencode(file: IO[bytes], most_s: int) -> EncodedClip:
    """Return the recording as Ogg Opus and AAC; `file` is one of the disk.

    Raises UnusableClip for anything but one recording of at most `most_s`, Unavailable while the
    machine is busy with others.
    """
    with tempfile.TemporaryDirectory(prefix="parley-voice-") as folder:
        answer = _run(file, "encode", most_s, folder, wait_s=WORKER_WAIT_S)
        opus = Path(folder, "voice.ogg").read_bytes()
        m4a = Path(folder, "voice.m4a").read_bytes()
    return EncodedClip(opus, m4a, answer["duration_ms"], answer["waveform"])


def _format_of_file(file: IO[bytes]) -> str | None:
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head.startswith(b"ID3"):
        return format_of(head)
    # A tag stands before MP3, and before AAC and FLAC of some programs. Its length has seven bits
    # a byte (id3.org, ID3v2.4 section 3.1).
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    file.seek(ID3_HEAD_BYTES + length)
    return format_of(file.read(HEAD_BYTES)) or "mp3"


# Any: JSON.
def _run(
    file: IO[bytes], verb: str, most_s: int, *folder: str, wait_s: float | None = None
) -> dict[str, Any]:
    form = _format_of_file(file)
    if form is None:
        raise UnusableClip("not_audio")
    # -I: no module of the folder it runs in, and no variable of the environment, gets in.
    command = [sys.executable, "-I", str(_CHILD), verb, str(most_s), form, *folder]
    try:
        with decoding_slots.slot(wait_s) as slot, from_its_start(file) as stdin:
            child = subprocess.run(
                command,
                stdin=stdin,
                capture_output=True,
                timeout=CHILD_S,
                check=False,
                pass_fds=[slot],
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
    return dict(answer)
