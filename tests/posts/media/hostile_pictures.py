"""Sixty files that say they are pictures, by name, and what is wrong with each."""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

KEPT = ("JPEG", "PNG", "WEBP", "GIF")
REFUSED_FORMATS = (
    "TIFF",
    "BMP",
    "ICO",
    "PPM",
    "PCX",
    "TGA",
    "SGI",
    "DDS",
    "PDF",
    "EPS",
    "IM",
    "ICNS",
    "MPO",
    "AVIF",
)


def picture(form: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = io.BytesIO()
    noise = Image.effect_noise(size, 80)
    still = noise.convert("P") if form == "GIF" else noise.convert("RGB")
    still.save(out, form, **options)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, *more: bytes, rows: bytes = b"\0", depth: int = 8, colour: int = 2
) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + pixels + chunk(b"IEND", b"")


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that would become gigabytes of pixels or text."""
    for width, height in (
        (30_000, 30_000),
        (65_535, 65_535),
        (2**31 - 1, 1),
        (1, 2**31 - 1),
        (100_000, 401),
        (0, 10),
    ):
        yield (
            f"png-{width}x{height}",
            png(width, height, rows=bytes(10_000_000 if width < 100_000 else 10)),
        )
    yield (
        "png-text-bomb",
        png(1, 1, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000))), rows=bytes(4)),
    )
    yield (
        "png-profile-bomb",
        png(8_000, 8_000, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(90_000_000)))),
    )
    jpeg = bytearray(picture("JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    yield "jpeg-65500x65500", bytes(jpeg)
    gif = bytearray(picture("GIF"))
    gif[6:10] = struct.pack("<HH", 65_535, 65_535)
    yield "gif-65535x65535", bytes(gif)
    canvas = struct.pack("<I", 0) + (2**24 - 1).to_bytes(3, "little") * 2
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas
    yield "webp-16777215x16777215", b"RIFF" + struct.pack("<I", len(body)) + body
    lossless = b"\x2f" + struct.pack("<I", 16_383 | 16_383 << 14) + bytes(40)
    body = b"WEBPVP8L" + struct.pack("<I", len(lossless)) + lossless
    yield "webp-16384x16384", b"RIFF" + struct.pack("<I", len(body)) + body


def renamed() -> Iterator[tuple[str, bytes]]:
    for form in REFUSED_FORMATS:
        several = (
            {"save_all": True, "append_images": [Image.new("RGB", (8, 8))]} if form == "MPO" else {}
        )
        if form != "MPO":
            yield f"renamed-{form.lower()}", picture(form, (32, 32), **several)
    script = b"<script>alert(1)</script>"
    yield "svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + script + b"</svg>"
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    yield "svg-laughs", b'<!DOCTYPE svg [<!ENTITY l0 "ha">' + laughs + b"]><svg>&l9;</svg>"
    yield "html", b"<html>" + script
    yield "php", b"<?php system($_GET['c']); ?>"
    yield "shell", b"#!/bin/sh\nrm -rf /\n"
    yield "elf", b"\x7fELF" + bytes(200)
    yield "exe", b"MZ" + bytes(200)
    yield "zip", b"PK\x03\x04" + bytes(60)
    yield "pdf-then-jpeg", b"%PDF-1.4\n" + picture("JPEG")
    yield "html-then-png", b"<html><!--" + picture("PNG")
    yield "script-then-gif", b"alert(1);//" + picture("GIF")
    yield "mail-then-webp", b"From: me\r\n\r\n" + picture("WEBP")


def broken() -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "one-byte", b"\xff"
    for form in KEPT:
        whole = picture(form)
        for name, share in (("head", 0.03), ("tenth", 0.1), ("half", 0.5)):
            yield f"{form.lower()}-{name}", whole[: max(4, int(len(whole) * share))]
    for form, sign in (
        ("jpeg", b"\xff\xd8\xff"),
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("gif", b"GIF89a"),
        ("webp", b"RIFF\x10\0\0\0WEBP"),
    ):
        yield f"{form}-sign-alone", sign
        yield f"{form}-sign-and-noise", sign + bytes(range(256)) * 4
    yield "png-depth-99", png(4, 4, rows=bytes(52), depth=99)
    yield "png-colour-9", png(4, 4, rows=bytes(52), colour=9)
    yield "png-no-pixels", png(4, 4)[:33] + chunk(b"IEND", b"")
    yield "png-bad-sum", png(4, 4, rows=bytes(52))[:-20] + b"\0" * 20
    yield "png-long-chunk", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**31 - 1) + b"IHDR"
    damaged = bytearray(picture("PNG"))
    damaged[60:200] = bytes(140)
    yield "png-damaged", bytes(damaged)


def refused() -> dict[str, bytes]:
    return dict([*bombs(), *renamed(), *broken()])


def polyglots() -> dict[str, bytes]:
    """Real pictures with something else behind or inside: they are taken, and only the pixels stay."""
    payload = b"<script>alert('parley-payload')</script>"
    archive = b"PK\x03\x04parley-payload" + bytes(30)
    return {
        "jpeg-and-zip": picture("JPEG") + archive,
        "jpeg-comment-script": picture("JPEG", comment=payload),
        "png-and-html": picture("PNG") + payload,
        "png-text-script": png(4, 4, chunk(b"tEXt", b"Comment\0" + payload), rows=bytes(52)),
        "gif-and-script": picture("GIF") + b"=1;alert('parley-payload')",
        "gif-comment": picture("GIF", comment=payload),
        "webp-and-archive": picture("WEBP") + archive,
        "webp-exif-script": picture("WEBP", exif=b"Exif\0\0MM\0*" + payload),
    }
