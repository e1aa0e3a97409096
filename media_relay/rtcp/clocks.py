"""When was this captured? Publishers' RTP timestamps on the relay's own time line.

The relay's NTP time is its monotonic clock: RFC 3550 §6.4.1 allows time elapsed since the start,
and no listener needs the time of day. A publisher's sender reports tie its RTP timestamps to its
own wall clock; what that clock is off by, network delay included, is found once per publisher, so
that its microphone and its camera keep their relation.
"""

from collections import deque

from media_relay.rtp.serial import timestamp_distance

OFFSET_SAMPLES = 16  # Of the last so many sender reports the quickest one counts.
# A capture time further than this from now is a lie or a jump; then arrival counts.
MAX_OFF_MS = 10_000
# A report that is so much later than the quickest was not on the way for so long: the clock was
# set, or stood still.
CLOCK_SET_MS = 2_000
# After so long without a packet it is asked whether the timestamps stood still meanwhile, and
# believed if they are so far from what has passed.
SILENT_MS = 2_000
STOOD_STILL_MS = 500
DRIFT = 1 / 512  # Share by which later arrivals pull the line, for clocks that differ.


def ntp_from_ms(now_ms: float) -> int:
    """Return relay milliseconds as a 64-bit NTP timestamp: seconds and 2^-32 fractions."""
    return int(now_ms * 4_294_967_296 / 1000) & 0xFFFF_FFFF_FFFF_FFFF


def ms_from_ntp(ntp: int) -> float:
    return ntp * 1000 / 4_294_967_296


def middle_32(ntp: int) -> int:
    """Return the middle of a 64-bit NTP timestamp, in 65536ths of a second, as LSR carries it."""
    return ntp >> 16 & 0xFFFF_FFFF


class SenderClock:
    """How far one publisher's wall clock is from the relay's.

    Shared by all tracks of that connection.
    """

    __slots__ = ("_samples", "offset_ms", "settings")

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=OFFSET_SAMPLES)
        self.offset_ms: float | None = None  # None until the first sender report.
        self.settings = 0  # How often it was set anew since.

    def on_sender_report(self, ntp: int, now_ms: int) -> None:
        sample = now_ms - ms_from_ntp(ntp)
        if self.offset_ms is not None and abs(sample - self.offset_ms) > CLOCK_SET_MS:
            self._samples.clear()  # The publisher's clock was set.
            self.settings += 1
        self._samples.append(sample)
        self.offset_ms = min(self._samples)


class CaptureClock:
    """Tells when what has a certain RTP timestamp was captured, in relay milliseconds."""

    __slots__ = (
        "_clock_rate",
        "_last_ms",
        "_last_timestamp",
        "_ms",
        "_reported",
        "_sender",
        "_settings",
        "_stood_ms",
        "_timestamp",
    )

    def __init__(self, clock_rate: int, sender: SenderClock) -> None:
        self._clock_rate = clock_rate
        self._sender = sender
        self._timestamp = 0
        # Relay time (before the first report) or sender time (after) of `_timestamp`.
        self._ms: float | None = None
        self._reported = False
        # The newest packet, and for how long the timestamps stood still since the report; the
        # latter counts until the sender's clock is set, which makes up for it.
        self._last_timestamp = self._last_ms = 0
        self._stood_ms = 0.0
        self._settings = 0

    def on_packet(self, timestamp_rtp: int, now_ms: int) -> None:
        """Follow the quickest packets until a sender report says it better.

        After it a silence is looked at: what stops sending may go on with the next timestamp, as if
        no time had passed, and its next report is seconds away.
        """
        if self._reported:
            if now_ms - self._last_ms > SILENT_MS:
                ticks = timestamp_distance(timestamp_rtp, self._last_timestamp)
                still_ms = now_ms - self._last_ms - ticks * 1000 / self._clock_rate
                if still_ms > STOOD_STILL_MS:
                    self._stood_ms = self._still_ms() + still_ms
                    self._settings = self._sender.settings
            self._last_timestamp, self._last_ms = timestamp_rtp, now_ms
            return
        self._last_timestamp, self._last_ms = timestamp_rtp, now_ms
        if self._ms is None:
            self._timestamp, self._ms = timestamp_rtp, now_ms
            return
        late = now_ms - (self._ms + self._ticks_ms(timestamp_rtp))
        self._timestamp = timestamp_rtp
        # Late by a second or more is a jump of the timestamps, not the path.
        self._ms = now_ms - (late * (1 - DRIFT) if 0 < late < 1000 else 0)

    def on_sender_report(self, ntp: int, timestamp_rtp: int, now_ms: int) -> None:
        """Take over the relation of a sender report; one without a wall clock (NTP 0) has none."""
        if ntp == 0:
            return
        self._sender.on_sender_report(ntp, now_ms)
        self._timestamp = timestamp_rtp
        self._ms = ms_from_ntp(ntp)
        self._stood_ms = 0.0
        if not self._reported and self._last_ms == 0:
            self._last_timestamp, self._last_ms = timestamp_rtp, now_ms  # No packet before it.
        self._reported = True

    def capture_ms(self, timestamp_rtp: int, now_ms: int) -> float:
        """Return the capture time of `timestamp_rtp`; `now_ms` where that is unknown or absurd."""
        if self._ms is None:
            return now_ms
        captured = self._ms + self._ticks_ms(timestamp_rtp)
        if self._reported:
            captured += (self._sender.offset_ms or 0) + self._still_ms()
        return captured if abs(captured - now_ms) < MAX_OFF_MS else now_ms

    def _still_ms(self) -> float:
        return self._stood_ms if self._settings == self._sender.settings else 0.0

    def _ticks_ms(self, timestamp_rtp: int) -> float:
        return timestamp_distance(timestamp_rtp, self._timestamp) * 1000 / self._clock_rate
