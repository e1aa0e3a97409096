"""The picture that other sites show for a link to a Space.

It is drawn once for each state of the Space.
"""

from datetime import UTC

from accounts.services.social_image import (
    HEIGHT,
    LAMP,
    LIVE,
    MARGIN,
    MUTED,
    TEXT,
    WIDTH,
    cut,
    digest,
    draw_disc,
    draw_face,
    draw_logo,
    drawn_once,
    encode_png,
    fitted_lines,
    font,
    panel,
)
from spaces.models import Space

FACE = 96  # The host's picture, pixels square.
TITLE_LINES = 3
LOGO_WIDTH = 330  # What the host's name leaves for it.


def png_of(space: Space) -> bytes:
    """Return the PNG, drawn or kept. `space` comes from `.with_people()`."""
    return drawn_once(f"spaces:poster:{space.public_id}:{version(space)}", lambda: draw(space))


def version(space: Space) -> str:
    """Return a short word that changes with everything that is drawn.

    It stands in the address, so that caches elsewhere follow.
    """
    host = space.host
    when = space.scheduled_for
    return digest(space.title, space.state, when, host.name, host.handle, host.avatar.name)


def draw(space: Space) -> bytes:
    picture, pen = panel()
    # English and numbers: who posts the link speaks one language, who reads it another.
    if space.state == Space.State.LIVE:
        draw_disc(picture, (MARGIN + 16, 112), 16, LIVE)
        pen.text((MARGIN + 52, 88), "LIVE", font=font("bold", 36), fill=LIVE)
    else:
        state = "SPACE"
        if not space.is_over and space.scheduled_for is not None:
            state = f"{space.scheduled_for.astimezone(UTC):%Y-%m-%d · %H:%M} UTC"
        pen.text((MARGIN, 88), state, font=font("bold", 36), fill=LAMP)
    y = 190
    title = font("bold", 72)
    for line in fitted_lines(pen, space.title, title, WIDTH - 2 * MARGIN, TITLE_LINES):
        pen.text((MARGIN, y), line, font=title, fill=TEXT)
        y += 92
    y = HEIGHT - 123
    draw_face(picture, pen, space.host, (MARGIN, y), FACE)
    bold = font("bold", 36)
    name = cut(pen, space.host.name, bold, WIDTH - 2 * MARGIN - LOGO_WIDTH)
    pen.text((MARGIN + 120, y + 8), name, font=bold, fill=TEXT)
    handle = f"@{space.host.handle}"
    pen.text((MARGIN + 120, y + 54), handle, font=font("plain", 28), fill=MUTED)
    draw_logo(picture, pen)
    return encode_png(picture)
