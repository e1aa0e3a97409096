"""The bot's picture: a robot at dusk that nods, blinks and moves its mouth with its voice."""

import math
from collections.abc import Callable

import numpy as np
from aiortc.mediastreams import VideoStreamTrack
from av import VideoFrame
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 640, 360
SKY_TOP, SKY_LOW = (18, 40, 34), (52, 92, 76)
METAL, SHADE, LAMP, INK = (214, 221, 209), (168, 178, 166), (233, 165, 28), (16, 28, 24)
BLINK_EVERY_S, BLINK_S = 3.4, 0.14


class Face(VideoStreamTrack):
    """30 pictures a second. `openness` tells how far the mouth is open now, 0 to 1."""

    def __init__(self, openness: Callable[[], float]) -> None:
        super().__init__()
        self._openness = openness
        self._backdrop = backdrop()
        self._mouth = 0.0

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        picture = self._draw(float(pts * time_base))
        frame = VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame

    def _draw(self, now_s: float) -> Image.Image:
        picture = self._backdrop.copy()
        pen = ImageDraw.Draw(picture)
        self._mouth += (self._openness() - self._mouth) * 0.5
        x = WIDTH // 2 + round(14 * math.sin(now_s * 0.9))
        y = HEIGHT // 2 + round(8 * math.sin(now_s * 1.7) - 6 * self._mouth)
        draw_body(pen, x)
        draw_head(pen, x, y, is_blinking=now_s % BLINK_EVERY_S < BLINK_S, mouth=self._mouth)
        return picture


def backdrop() -> Image.Image:
    """A sky that darkens upwards, with a lamp's glow."""
    rows = np.linspace(0, 1, HEIGHT)[:, None, None]
    sky = np.array(SKY_TOP) * (1 - rows) + np.array(SKY_LOW) * rows
    across, down = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    glow = np.exp(-(((across - 520) / 150) ** 2 + ((down - 90) / 120) ** 2))[:, :, None]
    pixels = sky * (1 - 0.5 * glow) + np.array(LAMP) * 0.5 * glow
    return Image.fromarray(pixels.astype(np.uint8))


def draw_body(pen: ImageDraw.ImageDraw, x: int) -> None:
    pen.rounded_rectangle((x - 120, 290, x + 120, 420), 50, fill=SHADE)
    pen.rectangle((x - 18, 240, x + 18, 300), fill=SHADE)
    # Thirteen lamps would be the house's mark; a robot's chest has room for seven.
    for step in range(-3, 4):
        pen.ellipse(
            (x + step * 26 - 6, 326, x + step * 26 + 6, 338), fill=LAMP if step == 0 else INK
        )


def draw_head(pen: ImageDraw.ImageDraw, x: int, y: int, *, is_blinking: bool, mouth: float) -> None:
    pen.line((x, y - 110, x, y - 150), fill=SHADE, width=6)
    pen.ellipse((x - 11, y - 168, x + 11, y - 146), fill=LAMP)
    pen.rounded_rectangle((x - 110, y - 112, x + 110, y + 78), 46, fill=METAL)
    for side in (-1, 1):
        eye = x + side * 46
        half = 2 if is_blinking else 17
        pen.ellipse((eye - 17, y - 40 - half, eye + 17, y - 40 + half), fill=INK)
    half = 4 + round(20 * mouth)
    pen.rounded_rectangle((x - 42, y + 28 - half, x + 42, y + 28 + half), min(half, 14), fill=INK)
