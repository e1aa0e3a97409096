"""Uploads become small clean WebP or a sentence; nothing of the file survives but its pixels."""

import io
import re
import struct
import zlib

import pytest
from PIL import Image

from accounts import pictures


def encoded(form: str, size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_it_makes_webp_of_the_asked_size(form: str) -> None:
    picture = opened(pictures.reencode(encoded(form), pictures.AVATAR))
    assert (picture.format, picture.size) == ("WEBP", (400, 400))


def test_it_scales_a_photo_by_area_without_cropping() -> None:
    picture = opened(pictures.reencode(encoded("JPEG", (3200, 3200)), pictures.PHOTO))
    assert picture.size == (1600, 1600)


def test_it_leaves_no_position_and_no_name_of_the_camera() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Spy camera"
    exif.get_ifd(0x8825)[1] = "S"  # GPS latitude reference
    exif.get_ifd(0x8825)[2] = (6.0, 35.0, 41.0)
    photo = encoded("JPEG", exif=exif)
    assert b"Spy camera" in photo
    clean = pictures.reencode(photo, pictures.PHOTO)
    assert b"Spy camera" not in clean
    assert b"EXIF" not in clean
    assert not opened(clean).getexif()


def test_it_turns_a_picture_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Rotate by 90 degrees to show.
    assert opened(pictures.reencode(encoded("JPEG", (60, 40), exif=exif), pictures.PHOTO)).size == (
        40,
        60,
    )


def png_of(width: int, height: int) -> bytes:
    """A PNG header that promises a huge picture in a few bytes: a bomb."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


HOSTILE = {
    "empty": b"",
    "text": b"hello",
    "html": b"<html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "elf": b"\x7fELF" + b"\0" * 200,
    "bomb": png_of(50_000, 50_000),
    "truncated": encoded("JPEG", (800, 800))[:900],
    "tiff": encoded("TIFF"),
    "bmp": encoded("BMP"),
    "pdf": b"%PDF-1.7\n%%EOF",
    "ico": b"\0\0\1\0\1\0\x10\x10",
    "riff without webp": b"RIFF\x10\0\0\0WAVEfmt ",
    "zip": b"PK\3\4" + b"\0" * 60,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_refuses_what_is_no_picture(name: str) -> None:
    with pytest.raises(ValueError, match="picture"):
        pictures.reencode(HOSTILE[name], pictures.AVATAR)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("text", "bad"),
        ("svg", "bad"),
        ("tiff", "bad"),
        ("truncated", "damaged"),
        ("bomb", "too_many_pixels"),
    ],
)
def test_it_says_what_is_wrong_and_what_is_possible(name: str, code: str) -> None:
    with pytest.raises(pictures.UnusablePicture) as refused:
        pictures.reencode(HOSTILE[name], pictures.AVATAR)
    assert refused.value.code == code
    assert re.search(r"JPEG", str(refused.value))


def test_it_names_every_reason_with_its_figures() -> None:
    for code in pictures.REASONS:
        assert "%(" not in pictures.reason(code)
    assert "20 MB" in pictures.reason("too_big")


def test_it_says_that_a_photo_of_an_iphone_must_be_sent_as_another_format() -> None:
    heic = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + bytes(200)
    with pytest.raises(pictures.UnusablePicture, match="HEIC") as refused:
        pictures.reencode(heic, pictures.PHOTO)
    assert refused.value.code == "heic"
    assert "JPEG, PNG, WebP or GIF" in str(refused.value)


def test_it_drops_a_script_behind_a_good_picture() -> None:
    polyglot = encoded("JPEG") + b"<script>alert(1)</script>"
    assert b"<script>" not in pictures.reencode(polyglot, pictures.AVATAR)
