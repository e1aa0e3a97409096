"""How much one microphone, camera or screen may send, with all that it repeats."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from media_relay.forwarding.media_kind import MediaKind
from media_relay.metrics import Drop


@dataclass(frozen=True)
class SourceLimit:
    """On average; a second's worth may come at once, as a key frame does.

    `bitrate_bps` counts whole datagrams: RTP's header and SRTP's tag are in it.
    """

    bitrate_bps: int
    datagrams_per_s: int


# A voice is asked for at 40 kbit/s, a camera at 1.5 Mbit/s and a screen at 2.5 (`connection.js`):
# an encoder that does not do as it is told, and a burst of repetitions, have room. Opus makes 50
# datagrams a second, or 100 with short frames; a tiny one costs listeners what a large one does.
SOURCE_LIMITS: Mapping[MediaKind, SourceLimit] = MappingProxyType(
    {
        MediaKind.MICROPHONE: SourceLimit(256_000, 250),
        MediaKind.CAMERA: SourceLimit(4_000_000, 1500),
        MediaKind.SCREEN: SourceLimit(6_000_000, 1500),
    }
)


class SourceBudget:
    """What is left of one source's limit: two token buckets that hold a second each."""

    __slots__ = ("_bytes", "_bytes_per_ms", "_datagrams", "_datagrams_per_ms", "_updated_ms")

    def __init__(self, limit: SourceLimit) -> None:
        self._bytes_per_ms = limit.bitrate_bps / 8000
        self._datagrams_per_ms = limit.datagrams_per_s / 1000
        self._bytes = self._datagrams = 0.0
        self._updated_ms = -1000  # The first datagram finds both full.

    def spend(self, length: int, now_ms: int) -> Drop | None:
        """Take a datagram off, or return why there is none left for it."""
        elapsed_ms = now_ms - self._updated_ms
        if elapsed_ms:
            self._updated_ms = now_ms
            if elapsed_ms > 1000:
                elapsed_ms = 1000
            self._bytes += elapsed_ms * self._bytes_per_ms
            if self._bytes > 1000 * self._bytes_per_ms:
                self._bytes = 1000 * self._bytes_per_ms
            self._datagrams += elapsed_ms * self._datagrams_per_ms
            if self._datagrams > 1000 * self._datagrams_per_ms:
                self._datagrams = 1000 * self._datagrams_per_ms
        if self._datagrams < 1:
            return Drop.RTP_RATE
        if self._bytes < length:
            return Drop.RTP_BITRATE
        self._datagrams -= 1
        self._bytes -= length
        return None
