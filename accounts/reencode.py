"""The child of accounts/pictures.py: picture on stdin, WebP on stdout. Needs Pillow alone; no
Django, no settings.

    python -I reencode.py WIDTH HEIGHT CROPPED

Leaves with 1 for anything it cannot or will not read.
"""

import io
import resource
import sys

from PIL import Image, ImageOps

# Address space, libraries included; 40 megapixels in RGBA are 160 MB.
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_S = 10
PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # By content, never by name. No SVG: it is a program.


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def reencode(data: bytes, width: int, height: int, is_cropped: bool) -> bytes:
    """Return WebP of at most `width` x `height`.

    Raises OSError or ValueError for what is no picture.
    """
    picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    if picture.width * picture.height > PIXELS:
        raise ValueError("too many pixels")
    # A JPEG decodes at a fraction of its size: less memory and time.
    picture.draft("RGB", (width * 2, height * 2))
    picture.load()
    picture = ImageOps.exif_transpose(picture)
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if is_cropped:
        picture = ImageOps.fit(picture, (width, height))
    else:
        picture.thumbnail((width, height))
    out = io.BytesIO()
    # Writes no EXIF, profile or XMP unless told to.
    picture.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def main() -> int:
    limit()
    width, height, cropped = (int(value) for value in sys.argv[1:4])
    Image.MAX_IMAGE_PIXELS = PIXELS
    try:
        webp = reencode(sys.stdin.buffer.read(), width, height, bool(cropped))
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return 1
    sys.stdout.buffer.write(webp)
    return 0


if __name__ == "__main__":
    sys.exit(main())
