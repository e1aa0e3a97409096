"""The picture that other sites show for a link to a Space (OpenGraph, 1200 × 630).

It is drawn once for each state of the Space.
"""

import hashlib
import io
import math
from contextlib import suppress
from datetime import UTC
from functools import lru_cache
from pathlib import Path

from django.core.cache import cache
from PIL import Image, ImageDraw, ImageFont, ImageOps

from accounts.models import User
from spaces.models import Space

WIDTH, HEIGHT = 1200, 630
MARGIN = 80
FACE = 96  # The host's picture, pixels square.
KEPT_S = 86400
TITLE_LINES = 3
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


def png_of(space: Space) -> bytes:
    """Return the PNG, drawn or kept. `space` comes from `.with_people()`."""
    key = f"spaces:poster:{space.public_id}:{version(space)}"
    kept: bytes | None = cache.get(key)
    if kept is None:
        kept = draw(space)
        cache.set(key, kept, KEPT_S)
    return kept


def version(space: Space) -> str:
    """Return a short word that changes with everything that is drawn.

    It stands in the address, so that caches elsewhere follow.
    """
    facts = (
        space.title,
        space.state,
        space.scheduled_for,
        space.host.name,
        space.host.handle,
        space.host.avatar.name,
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]


def draw(space: Space) -> bytes:
    picture = Image.new("RGB", (WIDTH, HEIGHT), DUSK)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH, 12), fill=LAMP)
    pen.rectangle((0, HEIGHT - 150, WIDTH, HEIGHT), fill=DEEP)
    # English and numbers: who posts the link speaks one language, who reads it another.
    if space.state == Space.State.LIVE:
        _draw_disc(picture, (MARGIN + 16, 112), 16, LIVE)
        pen.text((MARGIN + 52, 88), "LIVE", font=_font("bold", 36), fill=LIVE)
    else:
        state = "SPACE"
        if not space.is_over and space.scheduled_for is not None:
            state = f"{space.scheduled_for.astimezone(UTC):%Y-%m-%d · %H:%M} UTC"
        pen.text((MARGIN, 88), state, font=_font("bold", 36), fill=LAMP)
    y = 190
    title = _font("bold", 72)
    for line in _lines(pen, space.title, title, WIDTH - 2 * MARGIN):
        pen.text((MARGIN, y), line, font=title, fill=TEXT)
        y += 92
    _draw_host(picture, pen, space.host)
    # The name, and left of it the logo's ring of dots, the first one lit: static/img/mark.svg.
    logo = _font("bold", 40)
    right = WIDTH - MARGIN
    middle = HEIGHT - 75
    pen.text((right, middle), "Parley", font=logo, fill=TEXT, anchor="rm")
    ring_x = right - round(pen.textlength("Parley", font=logo)) - 52
    for dot in range(LOGO_DOTS):
        angle = 2 * math.pi * dot / LOGO_DOTS
        centre = (ring_x + 26 * math.sin(angle), middle - 26 * math.cos(angle))
        is_lit = dot == 0
        _draw_disc(picture, centre, 8 if is_lit else 5, LAMP if is_lit else MUTED)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_host(picture: Image.Image, pen: ImageDraw.ImageDraw, host: User) -> None:
    x = MARGIN
    y = HEIGHT - 123
    face = None
    # Drawn portraits are vector files, so hosts without a picture of their own get their letter.
    if host.avatar:
        with (
            suppress(OSError, ValueError),
            host.avatar.open("rb") as file,
            Image.open(file) as opened,
        ):
            face = ImageOps.fit(opened.convert("RGB"), (FACE, FACE))
    if face is not None:
        picture.paste(face, (x, y), _disc_mask(FACE))
    else:
        middle = (x + FACE // 2, y + FACE // 2)
        letter = host.name[:1].upper()
        _draw_disc(picture, middle, FACE // 2, RAISED)
        pen.text(middle, letter, font=_font("bold", 48), fill=LAMP, anchor="mm")
    bold = _font("bold", 36)
    left_for_logo = 330
    name = _cut(pen, host.name, bold, WIDTH - 2 * MARGIN - left_for_logo)
    pen.text((x + 120, y + 8), name, font=bold, fill=TEXT)
    pen.text((x + 120, y + 54), f"@{host.handle}", font=_font("plain", 28), fill=MUTED)


def _draw_disc(
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


def _lines(pen: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> list[str]:
    """Break at blanks, and inside a word that is wider than the picture.

    The last line says that there is more.
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
    if len(lines) <= TITLE_LINES:
        return lines
    rest = " ".join(lines[TITLE_LINES - 1 :])
    return [*lines[: TITLE_LINES - 1], _cut(pen, rest, font, width)]


def _cut(pen: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> str:
    """Return `text`, or as much of it as fits with an ellipsis."""
    if pen.textlength(text, font=font) <= width:
        return text
    while text and pen.textlength(text + "…", font=font) > width:
        text = text[:-1]
    return text.rstrip() + "…"


@lru_cache(maxsize=16)
def _font(weight: str, size: int) -> Font:
    for name in FONT_FILES[weight]:
        path = FONT_FOLDER / name
        if path.exists():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
