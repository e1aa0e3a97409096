"""Pictures that people upload: re-encoded in a child process with little memory and time, so that
nothing of the file survives but its pixels, and a hostile one costs the web process nothing.
"""

import io
import json
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image

from config import decoding_slots
from config.child_input import from_its_start
from config.limits import LIMITS

CHILD_S = 60  # Wall clock, on a machine that is busy; its own limit is 20 s of CPU.
# What is taken, by content, not by name: Pillow's name, the browser's. No SVG: it is a program.
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_CHILD = Path(__file__).with_name("reencode.py")

REASONS: dict[str, str | Promise] = {
    "too_big": _("That picture is too big. %(megabytes)d MB is the most."),
    "bad": _("That file is not a picture we can read. Send JPEG, PNG, WebP or GIF."),
    "heic": _(
        "HEIC pictures cannot be read here. Send JPEG, PNG, WebP or GIF; "
        "a phone makes JPEG when “Most compatible” is chosen for its camera."
    ),
    "damaged": _("That picture is damaged or cut off. Send JPEG, PNG, WebP or GIF."),
    "too_many_pixels": _(
        "That picture has too many pixels. %(megapixels)d million is the most, "
        "of a JPEG %(jpeg_megapixels)d million."
    ),
    "moves_too_long": _(
        "That picture moves for too long. %(frames)d frames and %(seconds)d seconds are the most. "
        "A picture that stands still is fine."
    ),
    "too_slow": _("That picture takes too long to read. Send a smaller JPEG, PNG, WebP or GIF."),
}


class UnusablePicture(ValueError):
    """The upload cannot become a picture; `code` is one of REASONS, the text its sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(reason(code))
        self.code = code


@dataclass(frozen=True)
class PictureShape:
    """What a picture becomes.

    `crop_px`: exactly this size from the middle, standing still. Without it: whole, bounded by
    area, and moving if it moved.
    """

    crop_px: tuple[int, int] | None


AVATAR = PictureShape((400, 400))
HEADER = PictureShape((1500, 500))
PHOTO = PictureShape(None)


def reason(code: str) -> str:
    """Return the sentence of a refusal, which names what is possible."""
    return str(REASONS[code]) % {
        "megabytes": LIMITS.picture_bytes // 2**20,
        "megapixels": LIMITS.picture_pixels // 10**6,
        "jpeg_megapixels": LIMITS.picture_jpeg_pixels // 10**6,
        "frames": LIMITS.moving_picture_frames,
        "seconds": LIMITS.moving_picture_s,
    }


def field_attributes() -> dict[str, str]:
    """Return the attributes of a field for pictures: what it takes, and for the script
    (static/js/compose/shrink.js) what a large one is scaled to before it is sent.
    """
    return {
        "accept": ",".join(TYPES.values()),
        "data-picture-area": str(LIMITS.picture_area_px),
        "data-picture-short": str(LIMITS.picture_short_px),
        "data-picture-long-area": str(LIMITS.picture_long_area_px),
    }


def reencode(data: bytes, shape: PictureShape) -> bytes:
    """Return `data` as WebP of this shape, upright, in sRGB, without metadata.

    Raises UnusablePicture for anything but a picture.
    """
    # A file, of which the child reads what it needs; a pipe would have to be held whole.
    with tempfile.TemporaryFile(prefix="parley-picture-") as file:
        file.write(data)
        return reencode_file(file, shape)


def reencode_file(file: IO[bytes], shape: PictureShape) -> bytes:
    """Do as `reencode` with a file of the disk, which is never read into this process.

    Raises Unavailable while the machine is busy with others.
    """
    try:
        with decoding_slots.slot() as slot, from_its_start(file) as stdin:
            child = subprocess.run(
                command(shape),
                stdin=stdin,
                capture_output=True,
                timeout=CHILD_S,
                check=False,
                pass_fds=[slot],
            )
    except subprocess.TimeoutExpired as error:
        raise UnusablePicture("too_slow") from error
    if child.returncode == 0 and child.stdout.startswith(b"RIFF"):
        return child.stdout
    if child.returncode < 0:  # Killed, by its limit of time.
        raise UnusablePicture("too_slow")
    code = child.stderr.decode(errors="replace")
    raise UnusablePicture(code if code in REASONS else "damaged")


def command(shape: PictureShape) -> list[str]:
    """Return what starts the child, with the bounds of this site."""
    bounds = {
        "formats": list(TYPES),
        "crop_px": shape.crop_px,
        "pixels": LIMITS.picture_pixels,
        "jpeg_pixels": LIMITS.picture_jpeg_pixels,
        "area_px": LIMITS.picture_area_px,
        "short_px": LIMITS.picture_short_px,
        "long_area_px": LIMITS.picture_long_area_px,
        "moving_frames": LIMITS.moving_picture_frames,
        "moving_ms": LIMITS.moving_picture_s * 1000,
        "moving_bytes": LIMITS.moving_picture_bytes,
    }
    # -I: isolated: no PYTHON* variables, and no module from the folder of the script.
    return [sys.executable, "-I", str(_CHILD), json.dumps(bounds)]


def is_moving(webp: bytes) -> bool:
    """Return whether a picture that `reencode` made is an animation."""
    return webp[12:16] == b"VP8X" and bool(webp[20] & 0x02)  # RFC 9649 section 2.7.1.2.


def still_of(file: IO[bytes]) -> bytes:
    """Return the first frame of an animation that `reencode` made, as an animation of one frame.

    No more of it is read. Browsers show it standing still.
    """
    body = bytearray(file.read(12)[8:])
    name = b""
    while name != b"ANMF" and len(head := file.read(8)) == 8:
        name, (size,) = head[:4], struct.unpack("<I", head[4:])
        body += head + file.read(size + size % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + bytes(body)


def size_of(webp: bytes) -> tuple[int, int]:
    """Return width and height of a picture that `reencode` made.

    Its header is ours, so reading it here is safe.
    """
    with Image.open(io.BytesIO(webp), formats=("WEBP",)) as picture:
        return picture.size
