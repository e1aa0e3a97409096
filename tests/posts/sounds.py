"""Recordings for tests: tones made here, and a spoken sentence made with flite (data/river.txt says
which).
"""

import array
import io
import math
import wave
from pathlib import Path

SPEECH = Path(__file__).with_name("data") / "river.wav"


def tone(seconds: float, *, rate_hz: int = 8000, channels: int = 1) -> bytes:
    """Return a WAV with a tone that swells."""
    out = io.BytesIO()
    one = [
        int(9000 * math.sin(n * 0.3) * min(1, n / rate_hz)) for n in range(int(seconds * rate_hz))
    ]
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(
            array.array("h", [sample for sample in one for _channel in range(channels)]).tobytes()
        )
    return out.getvalue()
