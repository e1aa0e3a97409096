"""How loud a microphone is right now, from the audio level of each packet (RFC 6464).

     0 1 2 3 4 5 6 7
    |V|    level    |

V: the sender takes it for voice (browsers say so, other clients do not, so nothing rests on it).
level: -dBov; 0 is the loudest, 127 silence.
"""

SILENCE_DBOV = -127
# A voice at a usual distance from a laptop is at -40 to -15 dBov, a quiet room below -60.
SPEECH_DBOV = -50
# A client that claims more is ranked like a firm voice: levels are the sender's word only.
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
        """Take one packet: its level byte, None without the extension, and its payload's length."""
        if payload_bytes <= SILENT_PAYLOAD:
            level = SILENCE_DBOV
        elif byte is None:
            level = UNSURE_DBOV
        else:
            level = min(level_dbov(byte), CEILING_DBOV)
        self._level = level
        self._last_ms = now_ms
        weight = ATTACK if level > self.smooth_dbov else RELEASE
        self.smooth_dbov += (level - self.smooth_dbov) * weight
        self._quietest = min(self._quietest, level)
        self._loudest = max(self._loudest, level)
        if self._loudest - self._quietest > STEADY_RANGE_DB:  # It moves: begin to watch anew.
            self._quietest = self._loudest = level
            self._steady_since = now_ms

    def dbov(self, now_ms: int) -> int:
        """Return the loudness now; a pause between packets is silence."""
        if self._last_ms is None or now_ms - self._last_ms > DTX_GAP_MS:
            return SILENCE_DBOV
        return self._level

    def rank_dbov(self, now_ms: int) -> float:
        """Return the loudness by which speakers are compared.

        It is smooth, falls by 1 dB in 10 ms of a pause and is less for a steady sound.
        """
        if self._last_ms is None:
            return SILENCE_DBOV
        pause_ms = max(0, now_ms - self._last_ms - DTX_GAP_MS)
        level = max(SILENCE_DBOV, self.smooth_dbov - pause_ms / 10)
        if level > SILENCE_DBOV and self.is_steady(now_ms):
            return level - STEADY_PENALTY_DB
        return level

    def is_steady(self, now_ms: int) -> bool:
        """Return whether a sound has kept one loudness for longer than any voice does."""
        return self._loudest > SPEECH_DBOV and now_ms - self._steady_since >= STEADY_MS
