"""Microphones and cameras for the tests: each person has a tone and a colour of their own, to be
told apart by.

A voice is a tone cut into syllables and phrases: noise suppression takes away a steady hum, and the
speaker detector wants speech. A picture is one colour with a white bar that walks across it.
"""

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

RATE_HZ = 48_000
SYLLABLE_S = (0.30, 0.22, 0.38, 0.26, 0.34, 0.24)  # Uneven, as speech is.
GAP_S = 0.07
LEVEL = 0.5  # Of full scale: about -9 dBov at the loudest.
WIDTH, HEIGHT = 640, 360
FRAMES, FRAMES_PER_S = 24, 12
BAR_WIDTH = 64


@dataclass(frozen=True)
class Voice:
    """What one person sounds and looks like. `colour` is RGB; with a `still`, the camera pans over
    that picture.

    With `speech`, a WAV file, they say that over and over instead of humming their tone, and are
    silent for `pause_s` before each time: a device that loops without one runs the end of a
    sentence into its beginning.
    """

    name: str
    tone_hz: int
    colour: tuple[int, int, int]
    still: Path | None = None
    speech: Path | None = None
    pause_s: float = 0.0


RED = Voice("red", 440, (200, 30, 30))
BLUE = Voice("blue", 880, (30, 40, 200))
GREEN = Voice("green", 1320, (20, 150, 40))


def microphone(voice: Voice, folder: Path) -> Path:
    """Write the person's sound as a WAV file that Chromium plays in a loop, and return its path."""
    if voice.speech and not voice.pause_s:
        return voice.speech
    path = folder / f"{voice.name}.wav"
    if voice.speech:
        _spaced(voice.speech, voice.pause_s, path)
        return path
    samples = (
        np.concatenate([_syllable(voice.tone_hz, length) for length in SYLLABLE_S * 2]) * 32767
    ).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


def camera(voice: Voice, folder: Path) -> Path:
    """Write the person's picture as a YUV4MPEG2 file that Chromium plays in a loop, and return its
    path.
    """
    path = folder / f"{voice.name}.y4m"
    frames = _panned(voice.still) if voice.still else _walked(voice.colour)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + frame)
    return path


def _spaced(speech: Path, pause_s: float, path: Path) -> None:
    """Write the same speech after a pause."""
    with wave.open(str(speech)) as said, wave.open(str(path), "wb") as file:
        file.setparams(said.getparams())
        silence = bytes(
            round(said.getframerate() * pause_s) * said.getnchannels() * said.getsampwidth()
        )
        file.writeframes(silence + said.readframes(said.getnframes()))


def _walked(colour: tuple[int, int, int]) -> Iterator[bytes]:
    for number in range(FRAMES):
        yield _frame(colour, number * (WIDTH - BAR_WIDTH) // (FRAMES - 1))


def _panned(still: Path) -> Iterator[bytes]:
    """Yield the picture moved a little from left to right and back, so that the loop has no jump."""
    with Image.open(still) as opened:
        picture = ImageOps.fit(opened.convert("RGB"), (WIDTH + FRAMES, HEIGHT))
    for number in range(FRAMES):
        x = abs(FRAMES // 2 - number) * 2
        y, cb, cr = picture.crop((x, 0, x + WIDTH, HEIGHT)).convert("YCbCr").split()
        yield y.tobytes() + b"".join(
            plane.resize((WIDTH // 2, HEIGHT // 2)).tobytes() for plane in (cb, cr)
        )


def _syllable(tone_hz: int, length_s: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    at = np.arange(int(RATE_HZ * length_s)) / RATE_HZ
    # 20 ms up and down: a hard edge would click.
    edge = np.minimum(1, np.minimum(at, length_s - at) / 0.02)
    # A fixed phase at each start; 10 ms steps make whole periods of all tones used, so loops do not
    # click either.
    return np.concatenate(
        [LEVEL * edge * np.sin(2 * np.pi * tone_hz * at), np.zeros(int(RATE_HZ * GAP_S))]
    )


def _frame(colour: tuple[int, int, int], bar_x: int) -> bytes:
    """Return one picture as planar Y, Cb, Cr (JPEG range, BT.601): the colour, with a white bar at
    `bar_x`.
    """
    red, green, blue = colour
    luma = np.full(
        (HEIGHT, WIDTH), round(0.299 * red + 0.587 * green + 0.114 * blue), dtype=np.uint8
    )
    cb = np.full(
        (HEIGHT // 2, WIDTH // 2),
        round(128 - 0.169 * red - 0.331 * green + 0.5 * blue),
        dtype=np.uint8,
    )
    cr = np.full(
        (HEIGHT // 2, WIDTH // 2),
        round(128 + 0.5 * red - 0.419 * green - 0.081 * blue),
        dtype=np.uint8,
    )
    luma[:, bar_x : bar_x + BAR_WIDTH] = 255
    cb[:, bar_x // 2 : (bar_x + BAR_WIDTH) // 2] = 128
    cr[:, bar_x // 2 : (bar_x + BAR_WIDTH) // 2] = 128
    return luma.tobytes() + cb.tobytes() + cr.tobytes()
