"""The child of accounts/pictures.py: picture on stdin, WebP on stdout. Needs Pillow alone; no
Django, no settings.

    python -I reencode.py BOUNDS

BOUNDS are those of `Bounds` as JSON. Leaves with 1 and a code on stderr for anything it cannot or
will not read; killed by its limits it says nothing.
"""

import io
import json
import math
import os
import resource
import struct
import sys
from dataclasses import dataclass
from typing import IO

from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile

# Address space, libraries included; 40 megapixels in RGBA are 160 MB.
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_S = 20
NICENESS = 5  # Pages go first.
VP8X_FLAGS_AT, VP8X_ALPHA = 20, 0x10  # RFC 9649 section 2.7.1.2.
WEBP_SIDE_PX = 16_383  # What 14 bits hold (RFC 9649 section 2.7).
SHORTEST_FRAME_MS = 20  # Browsers take what claims to be faster for a mistake.
HASTY_FRAME_MS = 100
# The pixels of all frames together, at their own size and as they are kept: time and memory.
MOVING_DECODED_PX = 500_000_000
MOVING_KEPT_PX = (48_000_000, 16_000_000)  # The second if the first makes too many bytes.
# How a HEIC begins (ISO/IEC 23008-12 section 10): what Pillow has no decoder for.
HEIC = tuple(b"ftyp" + brand for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1"))
# Pillow's names of what is read as colours; a profile of another kind than the pixels is ignored.
SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
WITHOUT_ALPHA = {"LA": "L", "RGBA": "RGB"}
GREY_16 = [value // 257 for value in range(65_536)]  # 65535 is white, as 255 is.
WIDENED = {"L;2": 85, "L;4": 17}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # Of EXIF's tag Orientation.


class Refused(Exception):
    """The picture is refused; the text is the code."""


@dataclass(frozen=True)
class Bounds:
    """What a picture may be, and what it becomes.

    `crop_px`: exactly this size from the middle, standing still. Without it: whole, of at most
    `area_px`, but not narrower than `short_px` for that, up to `long_area_px`; moving if it moved.
    """

    formats: tuple[str, ...]
    crop_px: tuple[int, int] | None
    pixels: int
    jpeg_pixels: int
    area_px: int
    short_px: int
    long_area_px: int
    moving_frames: int
    moving_ms: int
    moving_bytes: int

    def size_for(self, size: tuple[int, int], area_px: int) -> tuple[int, int]:
        """Return the size that a picture of `size` is scaled to; never larger than it is."""
        width, height = size
        own = width * height
        # A long one would be too narrow to read: its width counts more than its area.
        narrow = min(self.short_px / min(size), math.sqrt(self.long_area_px / own))
        scale = min(1, max(math.sqrt(area_px / own), narrow), WEBP_SIDE_PX / max(size))
        return max(1, round(width * scale)), max(1, round(height * scale))


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    os.nice(NICENESS)


def reencode(source: IO[bytes], bounds: Bounds) -> bytes:
    """Return WebP. Raises Refused, OSError or ValueError for what is no picture."""
    picture = Image.open(source, formats=bounds.formats)
    # A camera's MPO holds the same view several times, which is no animation.
    moves = getattr(picture, "is_animated", False) and picture.format != "MPO"
    if moves and bounds.crop_px is None:
        return moving(picture, bounds)
    return encoded([still(picture, bounds)])


def still(picture: Image.Image, bounds: Bounds) -> Image.Image:
    """Return the first frame in its final size and colours, upright."""
    if picture.width * picture.height > bounds.jpeg_pixels:
        raise Refused("too_many_pixels")
    if bounds.crop_px is None:
        size = bounds.size_for(picture.size, bounds.area_px)
    else:
        # What the crop is cut from: as large as it must be, whichever way up.
        scale = min(1, max(bounds.crop_px) / min(picture.size))
        size = (math.ceil(picture.width * scale), math.ceil(picture.height * scale))
    # A JPEG decodes at a fraction of its size: less memory and time. Others are left as they are.
    picture.draft(None, (size[0] * 2, size[1] * 2))
    if picture.width * picture.height > bounds.pixels:
        raise Refused("too_many_pixels")
    widen_hole(picture)
    picture.load()
    profile = picture.info.get("icc_profile")
    # Scaled first: what follows then costs little, whatever came in.
    small = upright(eight_bit(picture).resize(size, reducing_gap=2.0), picture)
    if bounds.crop_px is not None:
        small = ImageOps.fit(small, bounds.crop_px)
    return in_srgb(small, profile)


def moving(picture: Image.Image, bounds: Bounds) -> bytes:
    count = getattr(picture, "n_frames", 1)
    if count > bounds.moving_frames or count * picture.width * picture.height > MOVING_DECODED_PX:
        raise Refused("moves_too_long")
    for kept_px in MOVING_KEPT_PX:
        area_px = min(bounds.area_px, kept_px // count)
        scale = min(1, math.sqrt(area_px / (picture.width * picture.height)))
        size = (max(1, int(picture.width * scale)), max(1, int(picture.height * scale)))
        webp = animation(picture, size, bounds.moving_ms)
        if len(webp) <= bounds.moving_bytes:
            return webp
    raise Refused("moves_too_long")


def animation(picture: Image.Image, size: tuple[int, int], most_ms: int) -> bytes:
    frames: list[Image.Image] = []
    durations: list[int] = []
    # An APNG may begin with a picture that is shown only where it cannot move.
    for number in range(int(picture.info.get("default_image", False)), picture.n_frames):  # type: ignore[attr-defined]  # Of pictures that move.
        picture.seek(number)
        picture.load()
        frame = eight_bit(picture).resize(size, reducing_gap=2.0)
        frames.append(in_srgb(upright(frame, picture), picture.info.get("icc_profile")))
        duration = int(picture.info.get("duration", 0))
        durations.append(duration if duration >= SHORTEST_FRAME_MS else HASTY_FRAME_MS)
    if sum(durations) > most_ms:
        raise Refused("moves_too_long")
    loop = int(picture.info.get("loop", 0))
    if picture.format == "GIF":  # It counts repetitions; without the mark it is shown once.
        loop = 1 if "loop" not in picture.info else loop + 1 if loop else 0
    if len(frames) == 1:
        return encoded(frames)
    return encoded(frames, duration=durations, loop=min(loop, 65_535))


def encoded(frames: list[Image.Image], **options: object) -> bytes:
    out = io.BytesIO()
    first, *others = frames
    # Writes no EXIF, profile or XMP unless told to.
    if others:
        first.save(
            out,
            "WEBP",
            save_all=True,
            append_images=others,
            background=(0, 0, 0, 0),
            quality=75,
            method=2,
            **options,
        )
        made = bytearray(out.getvalue())
        # The encoder forgets to say that the canvas is clear where no frame has a clear pixel of
        # its own, because each is cut to what it changes.
        if any(frame.mode == "RGBA" for frame in frames):
            made[VP8X_FLAGS_AT] |= VP8X_ALPHA
        return bytes(made)
    first.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def eight_bit(picture: Image.Image) -> Image.Image:
    """Return L, LA, RGB, RGBA or CMYK, of 8 bits a channel; what is clear stays clear."""
    transparency = picture.info.get("transparency")
    if picture.mode in ("LA", "RGBA", "CMYK"):
        return picture
    if picture.mode in ("1", "L", "I;16") and isinstance(transparency, int):
        return grey_with_hole(picture, transparency)
    if picture.mode == "I;16":
        # `convert` would clip at 255: a ramp becomes white.
        return picture.convert("I").point(GREY_16, "L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode == "L" and transparency is None:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return RGB or RGBA as a screen without a profile shows it."""
    colours = picture.convert(WITHOUT_ALPHA.get(picture.mode, picture.mode))
    if profile:
        colours = converted(colours, profile)
    colours = colours.convert("RGB")
    if picture.mode in WITHOUT_ALPHA:
        colours.putalpha(picture.getchannel("A"))
    return colours


def converted(picture: Image.Image, profile: bytes) -> Image.Image:
    """Return the colours that the profile means; the picture itself if it is of no use."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = SPACES.get(source.profile.xcolor_space.strip())
        if mode == "RGB" and picture.mode == "L":
            picture = picture.convert("RGB")
        if mode != picture.mode:
            return picture
        made = ImageCms.profileToProfile(
            picture,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # As browsers do with a profile that they cannot read.
    return picture if made is None else made


def grey_with_hole(picture: Image.Image, hole: int) -> Image.Image:
    """Return LA of a PNG that names one grey as clear."""
    if picture.mode == "I;16":
        wide = picture.convert("I")
        grey = wide.point(GREY_16, "L")
        alpha = wide.point([0 if value == hole else 255 for value in range(65_536)], "L")
    else:
        grey = picture.convert("L")
        alpha = grey.point([0 if value == hole else 255 for value in range(256)])
    return Image.merge("LA", (grey, alpha))


def widen_hole(picture: Image.Image) -> None:
    """Bring the clear colour of a PNG to 8 bits, as Pillow does with the pixels alone."""
    tiles = picture.tile if isinstance(picture, PngImageFile) else []
    raw = tiles[0].args if tiles else None
    hole = picture.info.get("transparency")
    if raw == "RGB;16B" and isinstance(hole, tuple):
        picture.info["transparency"] = tuple(value >> 8 for value in hole)
    elif raw in WIDENED and isinstance(hole, int):
        picture.info["transparency"] = hole * WIDENED[raw]


def upright(frame: Image.Image, picture: Image.Image) -> Image.Image:
    """Return a frame turned as the camera was held."""
    try:
        turn = TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except (SyntaxError, ValueError, OSError, struct.error):  # What it says cannot be read.
        return frame
    return frame if turn is None else frame.transpose(turn)


def main() -> int:
    limit()
    values = json.loads(sys.argv[1])
    values["formats"] = tuple(values["formats"])
    values["crop_px"] = values["crop_px"] and tuple(values["crop_px"])
    Image.MAX_IMAGE_PIXELS = None  # Asked here, by what each format needs.
    source: IO[bytes] = sys.stdin.buffer
    try:
        if not source.seekable():
            source = io.BytesIO(source.read())
        webp = reencode(source, Bounds(**values))
    except Refused as refusal:
        code = str(refusal)
    except UnidentifiedImageError:
        source.seek(0)
        code = "heic" if source.read(12)[4:] in HEIC else "bad"
    except MemoryError:
        code = "too_many_pixels"
    except (OSError, ValueError, SyntaxError, EOFError, struct.error):
        code = "damaged"
    else:
        sys.stdout.buffer.write(webp)
        return 0
    sys.stderr.write(code)
    return 1


if __name__ == "__main__":
    sys.exit(main())
