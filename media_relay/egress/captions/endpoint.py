"""Where speech begins and ends, by loudness: for engines that do not find out by themselves."""

from array import array
from collections import deque
from math import log10
from operator import mul

from media_relay.egress.captions.engine import RATE, SAMPLE_BYTES

FRAME_S = 0.02
FRAME_BYTES = round(RATE * FRAME_S) * SAMPLE_BYTES
ABOVE_FLOOR_DB = 12.0
QUIETEST_DB = -55.0  # Of full scale: below it nothing is speech, however silent the room.
FLOOR_RISE_DB = 0.05  # Per frame, 2.5 dB a second: a fan that is switched on stops being speech.
BEGIN_FRAMES = 4  # Of the last five: 80 ms of sound is a word, less is a click.
END_FRAMES = 25  # Half a second of silence ends a sentence.
LEAD_FRAMES = 10  # Kept from before the begin: consonants are soft.


class Endpointer:
    """Cuts sound into speeches. `process` takes frames of `FRAME_BYTES`."""

    def __init__(self) -> None:
        self.in_speech = False
        self.frames = 0
        self._floor_db = QUIETEST_DB
        self._recent: deque[bool] = deque(maxlen=BEGIN_FRAMES + 1)
        self._lead: deque[bytes] = deque(maxlen=LEAD_FRAMES)
        self._silent = 0

    def process(self, frame: bytes) -> bytes:
        """Return the sound that belongs to a speech: none, this frame, or at its begin also what
        led to it.
        """
        self.frames += 1
        level_db = level_dbfs(frame)
        self._floor_db = min(level_db, self._floor_db + FLOOR_RISE_DB)
        loud = level_db > max(self._floor_db + ABOVE_FLOOR_DB, QUIETEST_DB)
        if self.in_speech:
            self._silent = 0 if loud else self._silent + 1
            self.in_speech = self._silent < END_FRAMES
            return frame
        self._recent.append(loud)
        self._lead.append(frame)
        if sum(self._recent) < BEGIN_FRAMES:
            return b""
        lead = b"".join(self._lead)
        self.reset()
        self.in_speech = True
        return lead

    def reset(self) -> None:
        """Whatever speech there was has ended."""
        self.in_speech, self._silent = False, 0
        self._recent.clear()
        self._lead.clear()


def level_dbfs(pcm: bytes) -> float:
    """Return the loudness of 16-bit sound in dB of full scale; -100 for digital silence."""
    samples = array("h", pcm)
    power = sum(map(mul, samples, samples)) / max(len(samples), 1)
    return 10 * log10(power / 32768**2) if power else -100.0
