"""Still pictures: face and name of whoever has no camera on, and the title for the time before."""

import colorsys
import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 720
# The night colours of static/css/tokens.css: bg, text, text-muted, accent.
GROUND = (11, 17, 15)
INK = (232, 239, 233)
SOFT = (165, 179, 171)
RING = (111, 211, 167)
FACE = 280
MAX_AVATAR_PIXELS = 50_000_000
_FONTS = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "LiberationSans-Bold.ttf", "Arial Bold.ttf")
_OVERSAMPLE = 4  # Circles are drawn larger and scaled down: Pillow draws edges without smoothing.


@dataclass(frozen=True)
class Portrait:
    """`avatar` is a picture file; without a readable one the name's first letter is shown."""

    name: str
    avatar: Path | None = None


@dataclass
class StillImages:
    title: str
    people: dict[str, Portrait] = field(default_factory=dict)

    def person(self, user: str | None) -> Portrait:
        return self.people.get(user or "", Portrait("Somebody"))

    def of(self, user: str | None) -> Image.Image:
        """Return the card of a person."""
        person = self.person(user)
        card = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
        top = HEIGHT // 2 - FACE // 2 - 60
        _paste_round(card, Image.new("RGB", (FACE + 20, FACE + 20), RING), top - 10)
        _paste_round(card, _avatar(person.avatar) or _letter(person.name), top)
        _write(card, person.name, top + FACE + 50, 52, INK)
        _write(card, self.title, HEIGHT - 70, 26, SOFT)
        return card

    def opening(self) -> Image.Image:
        """Return the card of the Space itself."""
        card = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
        _write(card, self.title, HEIGHT // 2 - 30, 56, INK)
        return card


def _avatar(path: Path | None) -> Image.Image | None:
    if path is None:
        return None
    try:
        with Image.open(path) as picture:
            # Nothing is decoded yet: `open` reads the head of the file.
            if picture.width * picture.height > MAX_AVATAR_PIXELS:
                return None
            square = min(picture.size)
            left, top = (picture.width - square) // 2, (picture.height - square) // 2
            cut = picture.convert("RGB").crop((left, top, left + square, top + square))
            return cut.resize((FACE, FACE), Image.Resampling.LANCZOS)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _letter(name: str) -> Image.Image:
    """Return the first letter on a colour that is always the same for the name."""
    hue = hashlib.sha256(name.encode()).digest()[0] / 256
    colour = tuple(round(part * 255) for part in colorsys.hls_to_rgb(hue, 0.38, 0.45))
    face = Image.new("RGB", (FACE, FACE), (colour[0], colour[1], colour[2]))
    draw = ImageDraw.Draw(face)
    draw.text((FACE / 2, FACE / 2), name[:1].upper() or "?", INK, _font(FACE // 2), anchor="mm")
    return face


def _paste_round(card: Image.Image, picture: Image.Image, top: int) -> None:
    size = picture.width
    mask = Image.new("L", (size * _OVERSAMPLE, size * _OVERSAMPLE), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, size * _OVERSAMPLE - 1, size * _OVERSAMPLE - 1), fill=255)
    card.paste(
        picture, ((WIDTH - size) // 2, top), mask.resize((size, size), Image.Resampling.LANCZOS)
    )


def _write(card: Image.Image, text: str, top: int, size: int, colour: tuple[int, int, int]) -> None:
    font = _font(size)
    draw = ImageDraw.Draw(card)
    while text and draw.textlength(text, font) > WIDTH - 160:
        text = text[:-2].rstrip() + "…"
    draw.text((WIDTH / 2, top), text, colour, font, anchor="mt")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font with most alphabets if the machine has one, else Pillow's own, which has Latin
    only.
    """
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
