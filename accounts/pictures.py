"""Pictures that people upload: re-encoded in a child process with little memory and time, so that
nothing of the file survives but its pixels, and a hostile one costs the web process nothing.
"""

import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

UPLOAD_BYTES = 8 * 1024 * 1024
CHILD_S = 15  # A 40-megapixel JPEG takes about 1 s on one core.
_CHILD = Path(__file__).with_name("reencode.py")


@dataclass(frozen=True)
class PictureShape:
    """What a picture becomes.

    `is_cropped`: exactly this size from the middle; else it is fitted into it.
    """

    width: int
    height: int
    is_cropped: bool


AVATAR = PictureShape(400, 400, is_cropped=True)
HEADER = PictureShape(1500, 500, is_cropped=True)
PHOTO = PictureShape(1600, 1600, is_cropped=False)


def reencode(data: bytes, shape: PictureShape) -> bytes:
    """Return `data` as WebP of this shape, upright, without metadata.

    Raises ValueError for anything but a picture.
    """
    command = [
        sys.executable,
        "-I",  # Isolated: no PYTHON* variables, and no module from the folder of the script.
        str(_CHILD),
        str(shape.width),
        str(shape.height),
        str(int(shape.is_cropped)),
    ]
    try:
        child = subprocess.run(
            command, input=data, capture_output=True, timeout=CHILD_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError("The picture takes too long to read.") from error
    if child.returncode != 0 or not child.stdout.startswith(b"RIFF"):
        raise ValueError("The file is not a readable picture.")
    return child.stdout


def size_of(webp: bytes) -> tuple[int, int]:
    """Return width and height of a picture that `reencode` made.

    Its header is ours, so reading it here is safe.
    """
    with Image.open(io.BytesIO(webp), formats=("WEBP",)) as picture:
        return picture.size
