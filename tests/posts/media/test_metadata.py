"""Fifty photos that know where they were taken: nothing of it is left, by a reader of our own and
by every byte.
"""

import io
from collections.abc import Iterator

import pytest
from PIL import Image, PngImagePlugin

from accounts import pictures
from tests.posts.media import webp

# Jakarta, as cameras write it: degrees, minutes, seconds.
PLACE = ((6.0, 12.0, 31.25), (106.0, 49.0, 7.5))
SECRET = "parley-secret-camera"
XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><exif:GPSLatitude>{SECRET}</exif:GPSLatitude></x:xmpmeta>".encode()
FORMATS = ("JPEG", "PNG", "WEBP", "JPEG", "WEBP")


def exif_of(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x9286] = SECRET, f"{SECRET} {number}", SECRET
    exif[0x0112] = number % 8 + 1  # Which way up.
    gps = exif.get_ifd(0x8825)
    gps.update({1: "S", 2: PLACE[0], 3: "E", 4: PLACE[1], 29: "2026:11:21", 27: SECRET})
    return exif


def photos() -> Iterator[tuple[str, bytes]]:
    for number in range(50):
        form = FORMATS[number % len(FORMATS)]
        out = io.BytesIO()
        options: dict[str, object] = {"exif": exif_of(number)}
        if form == "PNG":
            text = PngImagePlugin.PngInfo()
            text.add_text("Location", SECRET)
            text.add_itxt("XML:com.adobe.xmp", XMP.decode())
            options["pnginfo"] = text
        else:
            options |= {"xmp": XMP, "icc_profile": b"\0" * 128 + SECRET.encode()}
        if form == "JPEG":
            options["comment"] = SECRET
        Image.effect_noise((60 + number, 40), 60).convert("RGB").save(out, form, **options)
        yield form, out.getvalue()


def test_it_keeps_no_metadata_of_fifty_photos() -> None:
    found = []
    for number, (form, data) in enumerate(photos()):
        assert SECRET.encode() in data, form  # The photo really carries what must not stay.
        made = pictures.reencode(data, pictures.PHOTO)
        if webp.metadata(made) or SECRET.encode() in made or b"xmpmeta" in made or b"Exif" in made:
            found.append((number, form, webp.metadata(made)))
    assert found == []


def test_it_turns_a_photo_upright_before_it_forgets_how_it_was_held() -> None:
    data = next(data for number, (_form, data) in enumerate(photos()) if number % 8 + 1 == 6)
    width, height = pictures.size_of(pictures.reencode(data, pictures.PHOTO))
    assert (width, height) == (40, 65)


@pytest.mark.parametrize(
    "kind", [{"exif": b"Exif\0\0MM\0*"}, {"xmp": XMP}, {"icc_profile": b"\0" * 200}]
)
def test_its_reader_sees_metadata_where_there_is_some(kind: dict[str, bytes]) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "WEBP", **kind)
    assert webp.metadata(out.getvalue()) != []
    with pytest.raises(ValueError, match="behind it"):
        webp.metadata(out.getvalue() + b"more")
