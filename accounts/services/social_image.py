"""Pictures that other sites show for a link (OpenGraph, 1200 × 630): the panel, the letters and
faces of all of them, and the one of a profile.
"""

import hashlib
import io
import math
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from django.core.cache import cache
from PIL import Image, ImageDraw, ImageFont, ImageOps

from accounts.models import User

WIDTH, HEIGHT = 1200, 630
MARGIN = 80
BAND = 150  # The darker foot, where the logo stands.
LARGE_FACE = 240
KEPT_S = 86400
BIO_LINES = 3
LOGO_DOTS = 13  # As static/img/mark.svg has them, whatever the size of a stage.
# The dusk of static/css/tokens.css: a picture cannot ask a style sheet.
DUSK = (20, 45, 35)
DEEP = (11, 30, 23)
RAISED = (30, 62, 50)
TEXT = (238, 245, 240)
MUTED = (178, 198, 188)
LAMP = (255, 195, 77)
LIVE = (255, 131, 104)
# The first that is there; the last resort is the font that Pillow brings, which knows Latin letters
# only.
FONT_FILES = {
    "bold": (
        "noto/NotoSans-Bold.ttf",
        "dejavu/DejaVuSans-Bold.ttf",
        "liberation/LiberationSans-Bold.ttf",
    ),
    "plain": (
        "noto/NotoSans-Regular.ttf",
        "dejavu/DejaVuSans.ttf",
        "liberation/LiberationSans-Regular.ttf",
    ),
}
FONT_FOLDER = Path("/usr/share/fonts/truetype")
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def png_of(person: User) -> bytes:
    """Return the PNG of a profile, drawn or kept."""
    key = f"accounts:poster:{person.pk}:{version(person)}"
    return drawn_once(key, lambda: encode_png(_draw(person)))


def drawn_once(key: str, draw: Callable[[], bytes]) -> bytes:
    """Return the picture that is kept under `key`, which says all that it shows; else draw it."""
    kept: bytes | None = cache.get_or_set(key, draw, KEPT_S)
    assert kept is not None, "What is drawn is bytes, and so is what is kept."
    return kept


def version(person: User) -> str:
    """Return a short word that changes with everything that is drawn.

    It stands in the address, so that caches elsewhere follow.
    """
    return digest(person.name, person.handle, person.bio, person.avatar.name)


def digest(*facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]


def _draw(person: User) -> Image.Image:
    picture, pen = panel()
    draw_face(picture, pen, person, (MARGIN, 130), LARGE_FACE)
    x = MARGIN + LARGE_FACE + 56
    width = WIDTH - MARGIN - x
    bold, plain, small = font("bold", 64), font("plain", 34), font("plain", 32)
    pen.text((x, 120), cut(pen, person.name, bold, width), font=bold, fill=TEXT)
    pen.text((x, 206), f"@{person.handle}", font=plain, fill=LAMP)
    y = 270
    for line in fitted_lines(pen, person.bio, small, width, BIO_LINES):
        pen.text((x, y), line, font=small, fill=MUTED)
        y += 46
    draw_logo(picture, pen)
    return picture


def panel() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return an empty picture and what draws on it."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), DUSK)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH, 12), fill=LAMP)
    pen.rectangle((0, HEIGHT - BAND, WIDTH, HEIGHT), fill=DEEP)
    return picture, pen


def encode_png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def draw_face(
    picture: Image.Image,
    pen: ImageDraw.ImageDraw,
    person: User,
    corner: tuple[int, int],
    size: int,
) -> None:
    """Draw the person's picture as a disc, `size` pixels wide; without one their letter."""
    x, y = corner
    face = None
    # Drawn portraits are vector files, so people without a picture of their own get their letter.
    if person.avatar:
        with (
            suppress(OSError, ValueError),
            person.avatar.open("rb") as file,
            Image.open(file) as opened,
        ):
            face = ImageOps.fit(opened.convert("RGB"), (size, size))
    if face is not None:
        picture.paste(face, (x, y), _disc_mask(size))
        return
    middle = (x + size // 2, y + size // 2)
    draw_disc(picture, middle, size // 2, RAISED)
    letter = person.name[:1].upper()
    pen.text(middle, letter, font=font("bold", size // 2), fill=LAMP, anchor="mm")


def draw_logo(picture: Image.Image, pen: ImageDraw.ImageDraw) -> None:
    """Draw the name at the foot, and left of it a ring of dots with one lit.

    As in static/img/mark.svg.
    """
    logo = font("bold", 40)
    right = WIDTH - MARGIN
    middle = HEIGHT - BAND // 2
    pen.text((right, middle), "Parley", font=logo, fill=TEXT, anchor="rm")
    ring_x = right - round(pen.textlength("Parley", font=logo)) - 52
    for dot in range(LOGO_DOTS):
        angle = 2 * math.pi * dot / LOGO_DOTS
        centre = (ring_x + 26 * math.sin(angle), middle - 26 * math.cos(angle))
        is_lit = dot == 0
        draw_disc(picture, centre, 8 if is_lit else 5, LAMP if is_lit else MUTED)


def draw_disc(
    picture: Image.Image, centre: tuple[float, float], radius: int, colour: tuple[int, int, int]
) -> None:
    x, y = centre
    picture.paste(colour, (round(x) - radius, round(y) - radius), _disc_mask(2 * radius))


@lru_cache(maxsize=16)
def _disc_mask(size: int) -> Image.Image:
    """Return a disc as a mask."""
    # Pillow's own edges are steps, so it is drawn large and made small.
    large = Image.new("L", (size * 4, size * 4), 0)
    ImageDraw.Draw(large).ellipse((0, 0, size * 4 - 1, size * 4 - 1), fill=255)
    return large.resize((size, size), Image.Resampling.LANCZOS)


def fitted_lines(
    pen: ImageDraw.ImageDraw, text: str, font: Font, width: float, most: int
) -> list[str]:
    """Break at blanks, and inside a word that is wider than `width` pixels.

    The last of at most `most` lines says that there is more.
    """
    lines = [""]
    for word in text.split():
        together = f"{lines[-1]} {word}".strip()
        if pen.textlength(together, font=font) <= width:
            lines[-1] = together
            continue
        if lines[-1]:
            lines.append("")
        for char in word:
            if pen.textlength(lines[-1] + char, font=font) > width:
                lines.append("")
            lines[-1] += char
    if len(lines) <= most:
        return lines
    rest = " ".join(lines[most - 1 :])
    return [*lines[: most - 1], cut(pen, rest, font, width)]


def cut(pen: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> str:
    """Return `text`, or as much of it as fits with an ellipsis."""
    if pen.textlength(text, font=font) <= width:
        return text
    while text and pen.textlength(text + "…", font=font) > width:
        text = text[:-1]
    return text.rstrip() + "…"


@lru_cache(maxsize=16)
def font(weight: str, size: int) -> Font:
    for name in FONT_FILES[weight]:
        path = FONT_FOLDER / name
        if path.exists():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
