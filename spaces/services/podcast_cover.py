"""The picture of a host's podcast: a square JPEG, as directories ask for.

Apple wants 1400 to 3000 pixels, JPEG or PNG:
https://podcasters.apple.com/support/896-artwork-requirements
"""

import io

from PIL import Image, ImageDraw

from accounts.models import User
from accounts.services.social_image import (
    DEEP,
    DUSK,
    LAMP,
    TEXT,
    digest,
    draw_face,
    drawn_once,
    fitted_lines,
    font,
)

SIDE = 1400
MARGIN = 100
FACE = 720
BAND = 420  # The foot with the host's name.
NAME_LINES = 2
QUALITY = 85


def jpeg_of(host: User) -> bytes:
    """Return the JPEG, drawn or kept."""
    return drawn_once(f"spaces:cover:{host.pk}:{version(host)}", lambda: _draw(host))


def version(host: User) -> str:
    """Return a short word that changes with everything that is drawn."""
    return digest(host.name, host.avatar.name)


def _draw(host: User) -> bytes:
    picture = Image.new("RGB", (SIDE, SIDE), DUSK)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, SIDE, 24), fill=LAMP)
    pen.rectangle((0, SIDE - BAND, SIDE, SIDE), fill=DEEP)
    draw_face(picture, pen, host, ((SIDE - FACE) // 2, 140), FACE)
    name = font("bold", 120)
    lines = fitted_lines(pen, host.name, name, SIDE - 2 * MARGIN, NAME_LINES)
    y = SIDE - BAND // 2 - 70 * (len(lines) - 1)
    for line in lines:
        pen.text((SIDE // 2, y), line, font=name, fill=TEXT, anchor="mm")
        y += 140
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
