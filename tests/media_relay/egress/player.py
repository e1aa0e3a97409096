"""Measures a rendered file: when it beeps, when it flashes, what colour it shows."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
LOUD = 0.05
BRIGHT = 150.0
QUIET_MS = 100


@dataclass(frozen=True)
class Film:
    """Onsets in milliseconds of the file. `frames` has (ms, mean RGB of the middle)."""

    beeps: list[float]
    flashes: list[float]
    frames: list[tuple[float, tuple[int, int, int]]]
    duration_s: float

    def colour_at(self, ms: float) -> tuple[int, int, int]:
        return next((colour for at, colour in reversed(self.frames) if at <= ms), (0, 0, 0))


def watch(path: Path) -> Film:
    with av.open(str(path)) as file:
        duration_s = (file.duration or 0) / av.time_base
        beeps = onsets(*_envelope(file))
    with av.open(str(path)) as file:
        frames = [(float(frame.time or 0) * 1000, _middle(frame)) for frame in file.decode(video=0)]
    return Film(beeps, _flashes(frames), frames, duration_s)


def _envelope(file: av.container.InputContainer) -> tuple[Samples, float]:
    """Return samples with the time of the first, in milliseconds."""
    resampler = av.AudioResampler(format="fltp", layout="mono")
    parts: list[Samples] = []
    first_ms = 0.0
    for frame in file.decode(audio=0):
        if not parts:
            first_ms = float(frame.time or 0) * 1000
        parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    return np.concatenate(parts), first_ms


def onsets(samples: Samples, first_ms: float, rate: int = 48_000) -> list[float]:
    """Return when it becomes loud after at least `QUIET_MS` of silence."""
    loud = np.flatnonzero(np.abs(samples) > LOUD) * 1000 / rate
    if not len(loud):
        return []
    begins = np.concatenate(([True], np.diff(loud) > QUIET_MS))
    return [float(at) + first_ms for at in loud[begins]]


def _middle(frame: av.VideoFrame) -> tuple[int, int, int]:
    pixels = frame.reformat(width=64, height=36, format="rgb24").to_ndarray()[12:24, 24:40]
    red, green, blue = pixels.reshape(-1, 3).mean(axis=0)
    return round(red), round(green), round(blue)


def _flashes(frames: list[tuple[float, tuple[int, int, int]]]) -> list[float]:
    found, was_bright = [], False
    for at, colour in frames:
        is_bright = min(colour) > BRIGHT
        if is_bright and not was_bright:
            found.append(at)
        was_bright = is_bright
    return found
