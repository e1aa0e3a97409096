"""Tones and pictures that people send in these tests, and the ears and eyes that recognise them."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from aiortc.mediastreams import (
    AudioStreamTrack,
    MediaStreamError,
    MediaStreamTrack,
    VideoStreamTrack,
)
from av import AudioFrame, VideoFrame

Samples = npt.NDArray[np.int16]
RATE = 48_000
FRAME = 960  # 20 ms.
WINDOW = RATE // 5  # 200 ms tell tones 10 Hz apart.
HEARD_RMS = 300  # Of 32767; Opus comfort noise stays far below.
RECENT_S = 0.4  # An ear that got nothing for so long hears silence.
COLOURS = {
    "red": (200, 30, 30),
    "green": (30, 200, 30),
    "blue": (30, 30, 200),
    "yellow": (200, 200, 30),
}
WIDTH, HEIGHT = 160, 96


class Tone(AudioStreamTrack):
    """A sine of one frequency at −12 dB; `quiet` turns it to digital silence without a gap in the
    stream.
    """

    def __init__(self, frequency_hz: int, amplitude: int = 8000) -> None:
        super().__init__()
        self.frequency_hz = frequency_hz
        self.amplitude = amplitude
        self.quiet = False
        self._samples = 0
        self._begun_at: float | None = None

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await self._pace()
        moments = (np.arange(FRAME) + self._samples) * (2 * np.pi * self.frequency_hz / RATE)
        level = 0 if self.quiet else self.amplitude
        frame = AudioFrame.from_ndarray(
            (np.sin(moments) * level).astype(np.int16)[None, :], layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
        self._samples += FRAME
        return frame

    async def _pace(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._begun_at is None:
            self._begun_at = now
        await asyncio.sleep(max(0.0, self._begun_at + self._samples / RATE - now))


class Picture(VideoStreamTrack):
    """A small picture of one colour with a white bar that moves at every frame."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self.colour = colour
        self.frames = 0

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        pixels = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        pixels[:] = COLOURS[self.colour]
        left = self.frames * 4 % WIDTH
        pixels[HEIGHT // 2 :, left : left + 8] = 255
        self.frames += 1
        frame = VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Ear:
    """Listens to one remote track and keeps its last 200 ms."""

    def __init__(self, track: MediaStreamTrack) -> None:
        self.samples: Samples = np.zeros(WINDOW, np.int16)
        self.frames = 0
        self.heard_at = 0.0
        self._task = asyncio.create_task(self._listen(track), name="ear")

    @property
    def tone_hz(self) -> int:
        """The frequency heard now, to the nearest 20 Hz; 0 for silence."""
        if time.monotonic() - self.heard_at > RECENT_S:
            return 0
        return dominant_hz(self.samples)

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, AudioFrame)
                left = (
                    frame.to_ndarray().astype(np.int16).reshape(-1)[:: len(frame.layout.channels)]
                )
                self.samples = np.concatenate((self.samples, left))[-WINDOW:]
                self.frames += 1
                self.heard_at = time.monotonic()


@dataclass(frozen=True)
class Glimpse:
    """One decoded frame, as far as a test cares."""

    at: float
    colour: str
    bar: int


class Eye:
    """Watches one remote track and keeps what its last frames showed."""

    def __init__(self, track: MediaStreamTrack) -> None:
        self.frames = 0
        self.seen: list[Glimpse] = []
        self._task = asyncio.create_task(self._watch(track), name="eye")

    @property
    def colour(self) -> str:
        """The colour shown within the last second, "" if there was no frame."""
        if not self.seen or time.monotonic() - self.seen[-1].at > 1.0:
            return ""
        return self.seen[-1].colour

    @property
    def moves(self) -> bool:
        """Whether the bar was at two places or more in the last ten frames."""
        return len({glimpse.bar for glimpse in self.seen[-10:]}) > 1

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _watch(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, VideoFrame)
                self.frames += 1
                self.seen.append(glimpse(frame))


def dominant_hz(samples: Samples) -> int:
    """Return the strongest frequency to the nearest 20 Hz, 0 if the sound is too soft to be one of
    ours.
    """
    wave = samples.astype(np.float64)
    if np.sqrt(np.mean(wave**2)) < HEARD_RMS:
        return 0
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return round(int(spectrum.argmax()) * RATE / len(wave) / 20) * 20


def glimpse(frame: VideoFrame) -> Glimpse:
    """Return the nearest named colour of the upper half and the bar's place in the lower."""
    pixels = frame.to_ndarray(format="rgb24").astype(np.int32)
    mean = pixels[: HEIGHT // 2].reshape(-1, 3).mean(axis=0)
    colour = min(COLOURS, key=lambda name: float(np.abs(mean - COLOURS[name]).sum()))
    bar = int(pixels[HEIGHT * 3 // 4].sum(axis=1).argmax()) // 4
    return Glimpse(time.monotonic(), colour, bar)


def tones() -> Iterator[int]:
    """Yield frequencies that one FFT tells apart."""
    yield from range(400, 4000, 200)
