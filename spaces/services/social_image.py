"""The picture that other sites show for a link to a Space (OpenGraph, 1200 × 630), drawn once for
each state of it.
"""

import hashlib
import io
import math
from datetime import UTC
from functools import lru_cache
from pathlib import Path

from django.core.cache import cache
from PIL import Image, ImageDraw, ImageFont, ImageOps

from accounts.models import User
from spaces.models import Space

SIZE = (1200, 630)
MARGIN = 80
KEPT_S = 86400
TITLE_LINES = 3
LOGO_DOTS = 13  # As static/img/mark.svg has them, whatever the size of a stage.
# The dusk of static/css/tokens.css: a picture cannot ask a style sheet.
DUSK, DEEP, RAISED, TEXT, MUTED, LAMP, LIVE = (
    (20, 45, 35),
    (11, 30, 23),
    (30, 62, 50),
    (238, 245, 240),
    (178, 198, 188),
    (255, 195, 77),
    (255, 131, 104),
)
# The first that is there; the last resort is the face that Pillow brings, which knows Latin letters
# only.
FACES = {
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
FOLDER = Path("/usr/share/fonts/truetype")
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def poster(space: Space) -> bytes:
    """Return the PNG. `space` comes from `.with_people()`."""
    known: bytes | None = cache.get(_key(space))
    if known is None:
        known = draw(space)
        cache.set(_key(space), known, KEPT_S)
    return known


def version(space: Space) -> str:
    """A short word that changes with everything that is drawn; in the address, so that caches
    elsewhere follow.
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


def _key(space: Space) -> str:
    return f"spaces:poster:{space.public_id}:{version(space)}"


def draw(space: Space) -> bytes:
    picture = Image.new("RGB", SIZE, DUSK)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, SIZE[0], 12), fill=LAMP)
    pen.rectangle((0, SIZE[1] - 150, *SIZE), fill=DEEP)
    _draw_state(picture, pen, space)
    y = 190
    for line in _lines(pen, space.title, _font("bold", 72), SIZE[0] - 2 * MARGIN):
        pen.text((MARGIN, y), line, font=_font("bold", 72), fill=TEXT)
        y += 92
    _draw_host(picture, pen, space.host)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_state(picture: Image.Image, pen: ImageDraw.ImageDraw, space: Space) -> None:
    is_live = space.state == Space.State.LIVE
    if is_live:
        _disc(picture, (MARGIN + 16, 112), 16, LIVE)
    pen.text(
        (MARGIN + (52 if is_live else 0), 88),
        _state(space),
        font=_font("bold", 36),
        fill=LIVE if is_live else LAMP,
    )


def _state(space: Space) -> str:
    """English and numbers: whoever posts the link speaks one language, who reads it another."""
    if space.state == Space.State.LIVE:
        return "LIVE"
    if space.is_over or space.scheduled_for is None:
        return "SPACE"
    return f"{space.scheduled_for.astimezone(UTC):%Y-%m-%d · %H:%M} UTC"


def _draw_host(picture: Image.Image, pen: ImageDraw.ImageDraw, host: User) -> None:
    y = SIZE[1] - 123
    x = MARGIN
    face = _face_of(host)
    if face is not None:
        picture.paste(face, (x, y), _round(96))
    else:
        _disc(picture, (x + 48, y + 48), 48, RAISED)
        pen.text(
            (x + 48, y + 48), host.name[:1].upper(), font=_font("bold", 48), fill=LAMP, anchor="mm"
        )
    room = SIZE[0] - 2 * MARGIN - 330
    pen.text(
        (x + 120, y + 8),
        _cut(pen, host.name, _font("bold", 36), room),
        font=_font("bold", 36),
        fill=TEXT,
    )
    pen.text((x + 120, y + 54), f"@{host.handle}", font=_font("plain", 28), fill=MUTED)
    pen.text((SIZE[0] - MARGIN, y + 48), "Parley", font=_font("bold", 40), fill=TEXT, anchor="rm")
    _draw_mark(
        picture,
        (SIZE[0] - MARGIN - round(pen.textlength("Parley", font=_font("bold", 40))) - 52, y + 48),
    )


def _draw_mark(picture: Image.Image, centre: tuple[int, int]) -> None:
    """Draw the logo's ring of dots, the first one lit: static/img/mark.svg."""
    for seat in range(LOGO_DOTS):
        angle = 2 * math.pi * seat / LOGO_DOTS
        at = (centre[0] + 26 * math.sin(angle), centre[1] - 26 * math.cos(angle))
        _disc(picture, at, 8 if seat == 0 else 5, LAMP if seat == 0 else MUTED)


def _disc(
    picture: Image.Image, centre: tuple[float, float], radius: int, colour: tuple[int, int, int]
) -> None:
    picture.paste(
        colour, (round(centre[0]) - radius, round(centre[1]) - radius), _round(2 * radius)
    )


@lru_cache(maxsize=16)
def _round(size: int) -> Image.Image:
    """Return a disc as a mask. Pillow's own edges are steps, so it is drawn large and made small."""
    large = Image.new("L", (size * 4, size * 4), 0)
    ImageDraw.Draw(large).ellipse((0, 0, size * 4 - 1, size * 4 - 1), fill=255)
    return large.resize((size, size), Image.Resampling.LANCZOS)


def _face_of(host: User) -> Image.Image | None:
    """Return the host's picture, 96 pixels square; drawn portraits are vector files, so they get
    their letter.
    """
    if not host.avatar:
        return None
    try:
        with host.avatar.open("rb") as file, Image.open(file) as opened:
            return ImageOps.fit(opened.convert("RGB"), (96, 96))
    except (OSError, ValueError):
        return None


def _lines(pen: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> list[str]:
    """Break at blanks, and inside a word that is wider than the picture; the last line says that
    there is more.
    """
    lines = [""]
    for word in text.split():
        together = f"{lines[-1]} {word}".strip()
        if pen.textlength(together, font=font) <= width:
            lines[-1] = together
            continue
        lines += [""] if lines[-1] else []
        for char in word:
            lines += [""] if pen.textlength(lines[-1] + char, font=font) > width else []
            lines[-1] += char
    if len(lines) <= TITLE_LINES:
        return lines
    return [*lines[: TITLE_LINES - 1], _cut(pen, " ".join(lines[TITLE_LINES - 1 :]), font, width)]


def _cut(pen: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> str:
    """Return `text`, or as much of it as fits with an ellipsis."""
    if pen.textlength(text, font=font) <= width:
        return text
    while text and pen.textlength(text + "…", font=font) > width:
        text = text[:-1]
    return text.rstrip() + "…"


@lru_cache(maxsize=16)
def _font(weight: str, size: int) -> Font:
    for name in FACES[weight]:
        if (FOLDER / name).exists():
            return ImageFont.truetype(str(FOLDER / name), size)
    return ImageFont.load_default(size)
