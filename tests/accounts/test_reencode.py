"""Pictures as cameras, phones and programs make them: their colours, sizes and movement."""

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw

from accounts import pictures
from config.limits import LIMITS

DATA = Path(__file__).with_name("data")
NEAR = 6  # What two lossy codecs may change.
# Measured: 370 MB for a progressive JPEG of 8064 x 6048, 700 MB for a WebP of 40 megapixels.
MOST_CHILD_KIB = 800 * 1024


def shown(data: bytes, shape: pictures.PictureShape = pictures.PHOTO) -> Image.Image:
    picture = Image.open(io.BytesIO(pictures.reencode(data, shape)))
    picture.load()
    return picture


# Any: what Pillow's writers take.
def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def is_near(one: object, other: tuple[int, ...], most: int = NEAR) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) <= most for a, b in zip(one, other, strict=True))


# --- profiles -----------------------------------------------------------------------------------


def fixed(value: float) -> bytes:
    """s15Fixed16Number (ICC.1:2010 section 4.6)."""
    return struct.pack(">i", round(value * 65536))


def profile_of(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile of version 2 with these tags."""
    table, bodies, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        padded = body + bytes(-len(body) % 4)
        table += name + struct.pack(">II", at, len(body))
        bodies += padded
        at += len(padded)
    white = fixed(0.9642) + fixed(1.0) + fixed(0.8249)
    head = b"\0\0\0\0lcms\x02\x40\0\0mntr" + space + b"XYZ " + bytes(12) + b"acsp"
    head = head.ljust(68, b"\0") + white
    head = head.ljust(128, b"\0")
    return struct.pack(">I", at) + head[4:] + struct.pack(">I", len(tags)) + table + bodies


def xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(fixed(value) for value in values)


def gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256))


def named() -> bytes:
    return b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78)


WHITE = xyz(0.9642, 1.0, 0.8249)
# Adapted to D50, as profiles hold them.
ADOBE_RGB = profile_of(
    b"RGB ",
    {
        b"desc": named(),
        b"wtpt": WHITE,
        b"rXYZ": xyz(0.60974, 0.31111, 0.01947),
        b"gXYZ": xyz(0.20528, 0.62567, 0.06087),
        b"bXYZ": xyz(0.14919, 0.06322, 0.74457),
        b"rTRC": gamma(2.2),
        b"gTRC": gamma(2.2),
        b"bTRC": gamma(2.2),
    },
)
DISPLAY_P3 = profile_of(
    b"RGB ",
    {
        b"desc": named(),
        b"wtpt": WHITE,
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
        b"rTRC": gamma(2.2),
        b"gTRC": gamma(2.2),
        b"bTRC": gamma(2.2),
    },
)
LINEAR_GREY = profile_of(b"GRAY", {b"desc": named(), b"wtpt": WHITE, b"kTRC": gamma(1.0)})


def test_it_shows_icc_swapped_green_as_its_profile_says() -> None:
    picture = shown((DATA / "icc_swapped.jpg").read_bytes())
    pixel = picture.getpixel((400, 300))
    assert is_near(pixel, (20, 230, 20), 30), pixel


@pytest.mark.parametrize(
    ("name", "form", "profile", "numbers", "right"),
    [
        # The numbers of sRGB's own red in the wider spaces: what a converter must bring back.
        ("adobe-rgb", "JPEG", ADOBE_RGB, (219, 0, 0), (255, 0, 0)),
        ("adobe-rgb", "PNG", ADOBE_RGB, (128, 128, 128), (128, 128, 128)),
        ("display-p3", "JPEG", DISPLAY_P3, (234, 51, 35), (255, 0, 0)),
        ("display-p3", "WEBP", DISPLAY_P3, (117, 251, 76), (0, 255, 0)),
    ],
)
def test_it_converts_the_wide_colours_of_cameras_and_phones(
    name: str, form: str, profile: bytes, numbers: tuple[int, ...], right: tuple[int, ...]
) -> None:
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 98, "subsampling": 0},
        "WEBP": {"lossless": True},
        "PNG": {},
    }
    data = saved(Image.new("RGB", (64, 64), numbers), form, icc_profile=profile, **options[form])
    pixel = shown(data).getpixel((32, 32))
    assert is_near(pixel, right, 12), (name, pixel)


def test_it_converts_greys_by_a_profile_of_greys() -> None:
    # Half of the light, in a profile without gamma, is 188 in sRGB.
    for picture in (Image.new("L", (64, 64), 128), Image.new("LA", (64, 64), (128, 255))):
        pixel = (
            shown(saved(picture, "PNG", icc_profile=LINEAR_GREY)).convert("RGB").getpixel((5, 5))
        )
        assert is_near(pixel, (188, 188, 188)), (picture.mode, pixel)


def test_it_keeps_what_is_clear_while_it_converts() -> None:
    picture = Image.new("RGBA", (64, 64), (219, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 32, 64))
    made = shown(saved(picture, "PNG", icc_profile=ADOBE_RGB))
    assert made.getpixel((5, 5))[3] == 0  # type: ignore[index]  # RGBA.
    assert is_near(made.getpixel((50, 50)), (255, 0, 0, 255), 12)


@pytest.mark.parametrize("profile", [b"junk", bytes(200), LINEAR_GREY, ADOBE_RGB[:300]])
def test_it_shows_the_numbers_where_the_profile_is_of_no_use(profile: bytes) -> None:
    data = saved(Image.new("RGB", (64, 64), (219, 40, 20)), "PNG", icc_profile=profile)
    assert is_near(shown(data).getpixel((5, 5)), (219, 40, 20))


# --- CMYK ---------------------------------------------------------------------------------------


def test_it_shows_cmyk_without_a_profile() -> None:
    """As printers' programs write it: Adobe's way, upside down."""
    data = saved(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", quality=95)
    assert b"Adobe" in data
    assert is_near(shown(data).getpixel((5, 5)), (255, 0, 0))


def test_it_shows_ycck() -> None:
    """The same in Adobe's transform 2, whose first three channels are those of a photo."""
    rgb = saved(Image.new("RGB", (64, 64), (0, 200, 0)), "JPEG", quality=98, subsampling=0)
    # A CMYK file of the channels Y, Cb and Cr that then says what they are.
    channels = Image.open(io.BytesIO(rgb)).convert("YCbCr").split()
    cmyk = Image.merge("CMYK", [*channels, Image.new("L", (64, 64), 0)])
    data = bytearray(saved(cmyk, "JPEG", quality=98, subsampling=0))
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    data[at] = 2
    assert is_near(shown(bytes(data)).getpixel((5, 5)), (0, 200, 0), 10)


def test_it_converts_cmyk_by_its_profile(cmyk_profile: bytes) -> None:
    picture = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    data = saved(picture, "JPEG", quality=95, icc_profile=cmyk_profile)
    pixel = shown(data).getpixel((5, 5))
    assert is_near(pixel, (0, 255, 0), 24), (
        f"this profile calls green what others call red: {pixel}"
    )


@pytest.fixture(scope="module")
def cmyk_profile() -> bytes:
    """A profile of CMYK whose magenta is none: a lookup table of two points a channel."""
    lab = {}
    srgb = ImageCms.createProfile("sRGB")
    to_lab = ImageCms.buildTransform(srgb, ImageCms.createProfile("LAB"), "RGB", "LAB")
    table = b""
    for number in range(16):
        c, m, y, k = (number >> shift & 1 for shift in (3, 2, 1, 0))
        # Exchanged on purpose: what is called magenta takes the red away, cyan the green.
        rgb = tuple(0 if k or ink else 255 for ink in (m, c, y))
        if rgb not in lab:
            made = ImageCms.applyTransform(Image.new("RGB", (1, 1), rgb), to_lab)
            assert made is not None
            pixel = made.tobytes()
            lab[rgb] = bytes([pixel[0], pixel[1] ^ 128, pixel[2] ^ 128])
        table += lab[rgb]
    identity = b"".join(fixed(value) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    straight = bytes(range(256))
    body = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + straight * 4 + table + straight * 3
    profile = profile_of(b"CMYK", {b"desc": named(), b"wtpt": WHITE, b"A2B0": body, b"A2B1": body})
    return profile[:12] + b"prtrCMYKLab " + profile[24:]


# --- depth --------------------------------------------------------------------------------------


def test_it_shows_grey_16bit_ramp_as_a_ramp() -> None:
    made = shown((DATA / "grey_16bit_ramp.png").read_bytes())
    assert made.size == (256, 256)
    for x in range(0, 256, 15):  # Its greys are 257 times their column.
        assert is_near(made.getpixel((x, 100)), (x, x, x)), x


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(depth: int, colour: int, pixel: bytes, *more: bytes) -> bytes:
    """A PNG of 32 x 32 whose rows are this pixel again and again."""
    row = b"\0" + (pixel * 64)[: 32 * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour] // 8]
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, depth, colour, 0, 0, 0))
        + b"".join(more)
        + chunk(b"IDAT", zlib.compress(row * 32))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "data", "right"),
    [
        ("16-bit grey", png(16, 0, b"\x80\x00"), (127, 127, 127, 255)),
        ("16-bit grey, clear", png(16, 0, b"\x80\x00", chunk(b"tRNS", b"\x80\x00")), (0, 0, 0, 0)),
        (
            "16-bit grey, another clear",
            png(16, 0, b"\x80\x00", chunk(b"tRNS", b"\x80\x01")),
            (127, 127, 127, 255),
        ),
        ("16-bit grey and alpha", png(16, 4, b"\x80\0\xff\xff"), (128, 128, 128, 255)),
        ("16-bit colours", png(16, 2, b"\xff\0\x40\0\x10\0"), (255, 64, 16, 255)),
        (
            "16-bit colours, clear",
            png(16, 2, b"\xff\0\x40\0\x10\0", chunk(b"tRNS", b"\xff\0\x40\0\x10\0")),
            (0, 0, 0, 0),
        ),
        ("16-bit colours and alpha", png(16, 6, b"\xff\0\x40\0\x10\0\0\0"), (0, 0, 0, 0)),
        ("1 bit", png(1, 0, b"\xff"), (255, 255, 255, 255)),
        ("1 bit, clear", png(1, 0, b"\xff", chunk(b"tRNS", b"\0\x01")), (0, 0, 0, 0)),
        ("2 bits", png(2, 0, b"\xaa"), (170, 170, 170, 255)),
        ("2 bits, clear", png(2, 0, b"\xaa", chunk(b"tRNS", b"\0\x02")), (0, 0, 0, 0)),
        ("4 bits, clear", png(4, 0, b"\x77", chunk(b"tRNS", b"\0\x07")), (0, 0, 0, 0)),
        ("8 bits, clear", png(8, 0, b"\x77", chunk(b"tRNS", b"\0\x77")), (0, 0, 0, 0)),
        ("palette", png(8, 3, b"\x01", chunk(b"PLTE", b"\0\0\0\xff\x40\x10")), (255, 64, 16, 255)),
        (
            "palette, half clear",
            png(8, 3, b"\x01", chunk(b"PLTE", b"\0\0\0\xff\x40\x10"), chunk(b"tRNS", b"\xff\x80")),
            (255, 64, 16, 128),
        ),
        ("grey and alpha", png(8, 4, b"\x77\x80"), (119, 119, 119, 128)),
    ],
)
def test_it_reads_every_depth_of_a_png(name: str, data: bytes, right: tuple[int, ...]) -> None:
    pixel = shown(data).convert("RGBA").getpixel((16, 16))
    assert isinstance(pixel, tuple)
    assert abs(pixel[3] - right[3]) <= NEAR, name
    if right[3]:
        assert is_near(pixel, right), name


def test_it_reads_what_programs_write_of_wide_greys_and_numbers() -> None:
    """Modes `I` and `F` of Pillow, as its own PNG of 16 bits."""
    for mode in ("I", "F"):
        wide = Image.new(mode, (32, 32), 32768)
        grey = wide.convert("I").convert("I;16")
        assert is_near(shown(saved(grey, "PNG")).getpixel((5, 5)), (127, 127, 127)), mode


# --- size ---------------------------------------------------------------------------------------


def photo(width: int, height: int, **options: Any) -> bytes:
    return saved(Image.new("RGB", (width, height), "teal"), "JPEG", **options)


@pytest.mark.parametrize(
    ("size", "right"),
    [
        ((990, 11_490), (990, 11_490)),  # A long screenshot stays readable.
        ((11_490, 990), (11_490, 990)),
        ((1170, 30_000), (639, 16_383)),  # The longest that WebP can hold.
        ((100, 16_384), (100, 16_383)),
        ((3000, 12_000), (1080, 4320)),
        ((4032, 3024), (1848, 1386)),
        ((1000, 1000), (1000, 1000)),
        ((1, 1), (1, 1)),
    ],
)
def test_it_scales_long_ones_by_area(size: tuple[int, int], right: tuple[int, int]) -> None:
    assert shown(saved(Image.new("L", size), "PNG")).size == right


def test_it_reads_a_jpeg_of_8064_x_6048_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = photo(8064, 6048, exif=exif, quality=30)
    assert len(data) < 2**20
    made = shown(data)
    assert made.size == (1386, 1848)
    assert is_near(made.getpixel((700, 900)), (0, 128, 128))


@pytest.mark.parametrize("size", [(8000, 5001), (20_000, 2001)])
def test_it_refuses_as_png_what_it_would_have_to_decode_whole(size: tuple[int, int]) -> None:
    with pytest.raises(pictures.UnusablePicture, match="40 million") as refused:
        pictures.reencode(saved(Image.new("1", size), "PNG"), pictures.PHOTO)
    assert refused.value.code == "too_many_pixels"


@pytest.mark.parametrize("shape", [pictures.AVATAR, pictures.HEADER])
@pytest.mark.parametrize("size", [(50, 4000), (4000, 50), (10, 10)])
def test_it_cuts_a_face_out_of_the_middle(
    size: tuple[int, int], shape: pictures.PictureShape
) -> None:
    picture = Image.new("RGB", size, "navy")
    middle = (size[0] // 2, size[1] // 2)
    ImageDraw.Draw(picture).rectangle(
        (middle[0] - 4, middle[1] - 4, middle[0] + 4, middle[1] + 4), fill="white"
    )
    made = shown(saved(picture, "PNG"), shape)
    assert made.size == shape.crop_px
    centre = made.getpixel((made.width // 2, made.height // 2))
    assert is_near(centre, (255, 255, 255), 20)


@pytest.mark.parametrize("turn", range(1, 9))
def test_it_turns_every_format_upright(turn: int) -> None:
    picture = Image.new("RGB", (60, 40), "navy")
    picture.paste("white", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = turn
    corner = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}[turn]
    for form in ("JPEG", "PNG", "WEBP"):
        made = shown(saved(picture, form, exif=exif))
        assert made.size == ((60, 40) if turn < 5 else (40, 60))
        x = 5 if corner[1] == "l" else made.width - 5
        y = 5 if corner[0] == "t" else made.height - 5
        assert is_near(made.getpixel((x, y)), (255, 255, 255), 30), (form, turn)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0MM\0*", b"Exif\0\0junk", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"]
)
def test_it_shows_as_it_stands_what_has_a_broken_exif(exif: bytes) -> None:
    for form in ("JPEG", "PNG", "WEBP"):
        data = saved(Image.new("RGB", (60, 40), "teal"), form, exif=exif)
        assert shown(data).size == (60, 40), form


def test_it_shows_the_first_view_of_a_camera_with_two() -> None:
    other = Image.new("RGB", (60, 40), "red")
    first = Image.new("RGB", (60, 40), "teal")
    data = saved(first, "MPO", save_all=True, append_images=[other])
    made = shown(data)
    assert (getattr(made, "n_frames", 1), made.size) == (1, (60, 40))
    assert is_near(made.getpixel((5, 5)), (0, 128, 128))


# --- movement -----------------------------------------------------------------------------------

COLOURS = ("red", "green", "blue", "white")


def moving(form: str, count: int = 4, size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    frames = [Image.new("RGB", size, COLOURS[number % 4]) for number in range(count)]
    for number, frame in enumerate(frames):  # None is like the one before: those are merged.
        frame.putpixel((number % size[0], number // size[0] % size[1]), (9, 9, 9))
    return saved(frames[0], form, save_all=True, append_images=frames[1:], **options)


def frames_of(webp: bytes) -> list[tuple[int, tuple[int, ...]]]:
    """How long each frame stands, and the colour in its middle."""
    found = []
    with Image.open(io.BytesIO(webp)) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            picture.load()
            colour = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
            assert isinstance(colour, tuple)
            found.append((int(picture.info.get("duration", 0)), colour))
    return found


@pytest.mark.parametrize("name", ["anim.gif", "anim.webp"])
def test_it_keeps_anim_gif_and_anim_webp_moving(name: str) -> None:
    made = frames_of(pictures.reencode((DATA / name).read_bytes(), pictures.PHOTO))
    assert [duration for duration, _colour in made] == [300, 300, 300]
    for (_duration, colour), right in zip(
        made, [(255, 0, 0), (0, 128, 0), (0, 0, 255)], strict=True
    ):
        assert is_near(colour, right, 12)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_it_keeps_every_moving_format_in_time(form: str) -> None:
    data = moving(form, duration=[100, 200, 300, 400], loop=0)
    made = frames_of(pictures.reencode(data, pictures.PHOTO))
    assert [duration for duration, _colour in made] == [100, 200, 300, 400]
    with Image.open(io.BytesIO(pictures.reencode(data, pictures.PHOTO))) as picture:
        assert picture.info["loop"] == 0


@pytest.mark.parametrize(("given", "right"), [({}, 1), ({"loop": 0}, 0), ({"loop": 2}, 3)])
def test_it_shows_a_gif_as_often_as_it_says(given: dict[str, Any], right: int) -> None:
    data = moving("GIF", duration=100, **given)
    with Image.open(io.BytesIO(pictures.reencode(data, pictures.PHOTO))) as picture:
        assert picture.info["loop"] == right


def test_it_takes_no_time_at_all_for_a_mistake_as_browsers_do() -> None:
    made = frames_of(pictures.reencode(moving("GIF", duration=0), pictures.PHOTO))
    assert [duration for duration, _colour in made] == [100] * 4


def test_it_keeps_what_is_clear_in_a_moving_picture() -> None:
    frames = [Image.new("RGBA", (60, 40), (0, 0, 0, 0)) for _number in range(3)]
    for number, frame in enumerate(frames):
        frame.paste((255, 0, 0, 255), (20 * number, 0, 20 * number + 20, 40))
    data = saved(
        frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100, disposal=2
    )
    with Image.open(io.BytesIO(pictures.reencode(data, pictures.PHOTO))) as picture:
        picture.seek(2)
        last = picture.convert("RGBA")
    assert last.getpixel((5, 20))[3] == 0  # type: ignore[index]  # RGBA.
    assert is_near(last.getpixel((50, 20)), (255, 0, 0, 255), 12)


def test_it_leaves_out_what_an_apng_shows_only_where_it_cannot_move() -> None:
    data = moving("PNG", duration=100, default_image=True)
    made = frames_of(pictures.reencode(data, pictures.PHOTO))
    assert is_near(made[0][1], (0, 128, 0), 12)
    assert len(made) == 3


def test_it_has_a_still_of_a_moving_picture() -> None:
    moves = pictures.reencode((DATA / "anim.gif").read_bytes(), pictures.PHOTO)
    still = pictures.still_of(io.BytesIO(moves))
    (frame,) = frames_of(still)
    assert is_near(frame[1], (255, 0, 0), 12)
    assert pictures.size_of(still) == pictures.size_of(moves) == (300, 200)
    assert len(still) < len(moves)
    assert pictures.is_moving(moves)
    assert not pictures.is_moving(pictures.reencode(photo(60, 40), pictures.PHOTO))


@pytest.mark.parametrize("shape", [pictures.AVATAR, pictures.HEADER])
def test_it_makes_a_still_of_a_moving_face(shape: pictures.PictureShape) -> None:
    made = frames_of(pictures.reencode((DATA / "anim.gif").read_bytes(), shape))
    assert len(made) == 1
    assert is_near(made[0][1], (255, 0, 0), 12)


def on_a_canvas(gif: bytes, width: int, height: int) -> bytes:
    return gif[:6] + struct.pack("<HH", width, height) + gif[10:]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("frames", lambda: moving("GIF", LIMITS.moving_picture_frames + 1, duration=20)),
        ("time", lambda: moving("GIF", duration=(LIMITS.moving_picture_s + 1) * 1000 // 4)),
        ("pixels", lambda: on_a_canvas(moving("GIF", 130, duration=20), 2200, 1800)),
    ],
)
def test_it_refuses_what_moves_for_too_long(name: str, make: Callable[[], bytes]) -> None:
    with pytest.raises(pictures.UnusablePicture, match="stands still is fine") as refused:
        pictures.reencode(make(), pictures.PHOTO)
    assert refused.value.code == "moves_too_long", name
    assert pictures.reencode(make(), pictures.AVATAR), "a face stands still anyway"


def test_it_keeps_a_long_animation_in_its_bytes() -> None:
    noise = Image.effect_noise((500, 400), 90)
    frames = [noise.rotate(number) for number in range(60)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    made = pictures.reencode(data, pictures.PHOTO)
    assert len(made) <= LIMITS.moving_picture_bytes
    assert len(frames_of(made)) == 60


# --- what it costs ------------------------------------------------------------------------------

MEASURED = """
import resource, subprocess, sys
child = subprocess.run(sys.argv[1:], stdin=sys.stdin, stdout=subprocess.PIPE, check=False)
print(child.returncode, len(child.stdout), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("jpeg", lambda: photo(8064, 6048, progressive=True)),
        ("png", lambda: saved(Image.new("RGBA", (8000, 5000)), "PNG", compress_level=1)),
        ("webp", lambda: saved(Image.new("RGB", (8000, 5000)), "WEBP", quality=1, method=0)),
        ("moving", lambda: on_a_canvas(moving("GIF", 60, duration=50), 1600, 1200)),
    ],
)
def test_it_reads_the_largest_in_bounded_memory(
    name: str, make: Callable[[], bytes], tmp_path: Path
) -> None:
    source = tmp_path / "picture"
    source.write_bytes(make())
    command = pictures.command(pictures.PHOTO)
    with source.open("rb") as file:
        # From a small process: a child counts what it was forked from.
        told = subprocess.run(
            [sys.executable, "-c", MEASURED, *command], stdin=file, capture_output=True, check=True
        )
    code, size, peak_kib = (int(word) for word in told.stdout.split())
    assert (code, size > 100) == (0, True), name
    assert peak_kib < MOST_CHILD_KIB, f"{name}: {peak_kib // 1024} MB"
