"""The bot's voice: vowels without words, in the rhythm of speech, made of harmonics.

No engine, no file.
"""

import asyncio
import random
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from av import AudioFrame

RATE = 48_000
FRAME = 960  # 20 ms, one Opus packet.
LOUDNESS = 9000  # Of 32767, about −14 dB while a vowel lasts.
HIGHEST_HZ = 3600
# First three formants of a, e, i, o, u in hertz (Peterson and Barney 1952, men), and how wide each
# is.
VOWELS = (
    (730, 1090, 2440),
    (530, 1840, 2480),
    (270, 2290, 3010),
    (570, 840, 2410),
    (300, 870, 2240),
)
WIDTHS_HZ = (80, 110, 160)
PITCH_HZ = 118

Floats = npt.NDArray[np.float64]


class Voice(AudioStreamTrack):
    """Babbles in phrases of some syllables with breaths between.

    `openness` is how far the mouth is open, 0 to 1.
    """

    def __init__(self, seed: int = 7) -> None:
        super().__init__()
        self.openness = 0.0
        self._random = random.Random(seed)
        self._samples = 0
        self._phase = 0.0
        self._begun_at: float | None = None
        self._vowel = VOWELS[0]
        self._levels = np.zeros(HIGHEST_HZ // PITCH_HZ)
        self._syllable_left = self._syllable = 0
        self._syllables_left = 0

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await self._pace()
        frame = AudioFrame.from_ndarray(self._next().astype(np.int16)[None, :], layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
        self._samples += FRAME
        return frame

    async def _pace(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._begun_at is None:
            self._begun_at = now
        await asyncio.sleep(max(0.0, self._begun_at + self._samples / RATE - now))

    def _next(self) -> Floats:
        """Return 20 ms.

        The strength of each harmonic glides from the last frame's to this one's, so nothing clicks.
        """
        self._move_on()
        phases = self._phase + np.cumsum(np.full(FRAME, 2 * np.pi * self._pitch_hz / RATE))
        self._phase = float(phases[-1] % (2 * np.pi))
        before, self._levels = self._levels, self._strengths() * self.openness
        glide = np.linspace(0, 1, FRAME)
        levels = before[:, None] * (1 - glide) + self._levels[:, None] * glide
        orders = np.arange(1, len(before) + 1)[:, None]
        sound: Floats = (np.sin(orders * phases) * levels).sum(axis=0) * LOUDNESS
        return sound

    def _move_on(self) -> None:
        """Step through syllables of 120 to 260 ms and breaths of half a second to one and a half."""
        if self._syllable_left <= 0:
            self._begin_syllable()
        self._syllable_left -= 1
        passed = 1 - self._syllable_left / self._syllable
        self.openness = float(np.sin(np.pi * passed)) if self._syllables_left else 0.0

    def _begin_syllable(self) -> None:
        if self._syllables_left > 1:
            self._syllables_left -= 1
            self._syllable = self._random.randint(6, 13)
        elif self._syllables_left == 1:
            self._syllables_left = 0
            self._syllable = self._random.randint(25, 75)
        else:
            self._syllables_left = self._random.randint(6, 16)
            self._syllable = self._random.randint(6, 13)
        self._syllable_left = self._syllable
        self._vowel = self._random.choice(VOWELS)

    @property
    def _pitch_hz(self) -> float:
        """A phrase falls, as statements do."""
        return PITCH_HZ * (0.85 + 0.02 * self._syllables_left)

    def _strengths(self) -> Floats:
        hertz = np.arange(1, HIGHEST_HZ // PITCH_HZ + 1) * self._pitch_hz
        peaks = [
            1 / (1 + ((hertz - formant) / width) ** 2)
            for formant, width in zip(self._vowel, WIDTHS_HZ, strict=True)
        ]
        strengths: Floats = (np.sum(peaks, axis=0) + 0.02) / np.sqrt(np.arange(1, len(hertz) + 1))
        return np.asarray(strengths / strengths.sum(), np.float64)
