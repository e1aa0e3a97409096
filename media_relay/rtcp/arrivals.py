"""When a publisher's packets arrived: its browser steers the bitrate by this feedback."""

from media_relay.rtcp.packets import encode_transport_feedback
from media_relay.rtcp.transport_feedback import REFERENCE_MS, TICKS_PER_MS, TransportFeedback
from media_relay.rtp.serial import Unwrapper

INTERVAL_MS = 50  # Chromium's estimator expects feedback every 50-250 ms.
MAX_SPAN = 512  # Numbers in one report; what lies further back is reported as never come.


class ArrivalLog:
    """Arrival times by transport-wide sequence number since the last report.

    Never holds more than one report does.
    """

    __slots__ = ("_arrivals", "_count", "_media", "_next", "_sender", "_sent_ms", "_unwrapper")

    def __init__(self, sender: int) -> None:
        """`sender` is the relay's SSRC towards this publisher."""
        self._sender = sender
        self._media = 0  # Any of the publisher's streams: the report is about all.
        self._unwrapper = Unwrapper()
        self._arrivals: dict[int, int] = {}
        self._next = -1  # First number that no report has spoken of.
        self._count = 0
        self._sent_ms: int | None = None

    def on_packet(self, sequence: int, media: int, now_ms: int) -> None:
        """Note the packet with this 16-bit transport-wide number, of the stream `media`."""
        number = self._unwrapper.unwrap(sequence)
        if self._next < 0:
            self._next = number
        if number < self._next or len(self._arrivals) >= MAX_SPAN:
            return  # Already reported as missing; the estimator takes a late word for noise.
        self._media = media
        self._arrivals.setdefault(number, now_ms)

    def due(self, now_ms: int) -> bytes | None:
        """Return a report of what came since the last one, if it is time and anything came."""
        if not self._arrivals:
            return None
        if self._sent_ms is not None and now_ms - self._sent_ms < INTERVAL_MS:
            return None
        self._sent_ms = now_ms
        last = max(self._arrivals)
        first = max(self._next, last - MAX_SPAN + 1)
        times = [self._arrivals.get(number) for number in range(first, last + 1)]
        # The reference time is in 64 ms; the first delta is counted from it, in 250 µs, and each
        # other one from the arrival before.
        reference = next(time for time in times if time is not None) // REFERENCE_MS
        deltas: list[int | None] = []
        before = reference * REFERENCE_MS
        for time in times:
            if time is None:
                deltas.append(None)
                continue
            deltas.append((time - before) * TICKS_PER_MS)
            before = time
        feedback = TransportFeedback(
            self._sender,
            self._media,
            first & 0xFFFF,
            reference & 0xFF_FFFF,
            self._count,
            tuple(deltas),
        )
        self._count = (self._count + 1) & 0xFF
        self._next = last + 1
        self._arrivals.clear()
        return encode_transport_feedback(feedback)
