"""How loud somebody is right now, from the audio level of each packet (RFC 6464).

 0 1 2 3 4 5 6 7
|V|    level    |   V: the sender takes it for voice; level: 0 is the loudest, 127 silence, in -dBov
"""

SILENCE_DBOV = -127
# A voice at a usual distance from a laptop is at -40 to -15 dBov, a quiet room below -60.
SPEECH_DBOV = -50
# Whoever claims more is no more heard than a firm voice: levels are the sender's word only.
CEILING_DBOV = -18
UNSURE_DBOV = -45  # What sound without a level is taken for: it may be speech, but it ousts nobody.
# A voice moves; noise, a tone or a made-up level does not and stands back behind a voice.
STEADY_PENALTY_DB = 10
STEADY_MS = 3000
STEADY_RANGE_DB = 2
# Packets come every 20 ms (60 at most); with discontinuous transmission every 400 ms in silence.
DTX_GAP_MS = 100
SILENT_PAYLOAD = 3  # Bytes; an Opus packet so short carries no sound, whatever level it claims.
ATTACK = 0.5
RELEASE = 0.1


def level_dbov(byte: int) -> int:
    """Return the level in the extension's byte: 0 to -127 dBov."""
    return -(byte & 0x7F)


class LevelMeter:
    """One microphone's loudness: `dbov` as heard now, `smooth_dbov` for ranking.

    Where the extension is missing or contradicts the packet, the meter goes by what the packet
    holds.
    """

    __slots__ = ("_last_ms", "_level", "_loudest", "_quietest", "_steady_since", "smooth_dbov")

    def __init__(self) -> None:
        self.smooth_dbov = float(SILENCE_DBOV)
        self._level = SILENCE_DBOV
        self._last_ms: int | None = None
        self._steady_since = 0
        self._quietest = self._loudest = SILENCE_DBOV

    def on_packet(self, byte: int | None, payload_bytes: int, now_ms: int) -> None:
        """Take one audio packet: its level byte, None without the extension, and the length of its
        payload.
        """
        self._level = level = _believable(byte, payload_bytes)
        self._last_ms = now_ms
        weight = ATTACK if level > self.smooth_dbov else RELEASE
        self.smooth_dbov += (level - self.smooth_dbov) * weight
        self._watch_steadiness(level, now_ms)

    def dbov(self, now_ms: int) -> int:
        """Return the loudness now; a pause between packets is silence."""
        if self._last_ms is None or now_ms - self._last_ms > DTX_GAP_MS:
            return SILENCE_DBOV
        return self._level

    def rank_dbov(self, now_ms: int) -> float:
        """Return the loudness by which speakers are compared: smooth, falling in pauses, less for a
        steady sound.
        """
        if self._last_ms is None:
            return SILENCE_DBOV
        pause = max(0, now_ms - self._last_ms - DTX_GAP_MS)
        level = max(SILENCE_DBOV, self.smooth_dbov - pause / 10)
        return (
            level - STEADY_PENALTY_DB if self.is_steady(now_ms) and level > SILENCE_DBOV else level
        )

    def is_steady(self, now_ms: int) -> bool:
        """Return whether a sound has kept one loudness for longer than any voice does."""
        return self._loudest > SPEECH_DBOV and now_ms - self._steady_since >= STEADY_MS

    def _watch_steadiness(self, level: int, now_ms: int) -> None:
        self._quietest, self._loudest = min(self._quietest, level), max(self._loudest, level)
        if self._loudest - self._quietest > STEADY_RANGE_DB:
            self._quietest = self._loudest = level
            self._steady_since = now_ms


def _believable(byte: int | None, payload_bytes: int) -> int:
    if payload_bytes <= SILENT_PAYLOAD:
        return SILENCE_DBOV
    return UNSURE_DBOV if byte is None else min(level_dbov(byte), CEILING_DBOV)
