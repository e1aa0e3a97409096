"""What a receiver counts about one stream: loss and jitter (RFC 3550 appendices A.3 and A.8)."""

from media_relay.rtp.serial import timestamp_distance

MAX_LOST = 0x7F_FFFF  # "Cumulative number of packets lost" is a signed field of 24 bits.


class ReceiverStatistics:
    """Counts the packets of one inbound stream.

    `on_packet` is called once per packet that is not a duplicate.
    """

    __slots__ = (
        "_arrival",
        "_base",
        "_clock_rate",
        "_expected_prior",
        "_highest",
        "_jitter_16ths",
        "_previous",
        "_received_prior",
        "packets_received",
    )

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self.packets_received = 0
        self._base = 0  # Where counting began; below zero after a restart that kept earlier losses.
        self._highest = 0
        self._arrival = 0
        self._previous = -1  # Timestamp of the packet before; -1 if there is none to compare with.
        self._jitter_16ths = 0
        self._expected_prior = 0
        self._received_prior = 0

    def on_packet(self, number: int, timestamp_rtp: int, now_ms: int) -> None:
        """Count a packet with the extended sequence number `number`."""
        self.packets_received += 1
        if self.packets_received == 1:
            self._base = self._highest = number
        elif number <= self._highest:
            return  # Late: its delay says nothing about the path's jitter.
        self._highest = number
        # Of the packets of one video frame only the first tells of the path.
        if timestamp_rtp == self._previous:
            return
        arrival = now_ms * self._clock_rate // 1000
        if self._previous >= 0:
            # D and J of RFC 3550 §6.4.1, J in sixteenths as appendix A.8 has it.
            transit = (arrival - self._arrival) - timestamp_distance(timestamp_rtp, self._previous)
            decay = (self._jitter_16ths + 8) >> 4
            self._jitter_16ths += min(abs(transit), self._clock_rate) - decay
        self._arrival = arrival
        self._previous = timestamp_rtp

    def restart(self, number: int) -> None:
        """The sender jumped: count loss anew from `number` on, but keep what was lost before."""
        lost = self.lost
        self._base = number - (self.packets_received + lost)
        self._highest = number - 1
        self._previous = -1  # The timestamps may have jumped as well.

    @property
    def expected(self) -> int:
        return self._highest - self._base + 1 if self.packets_received else 0

    @property
    def lost(self) -> int:
        """Packets that never came, within 24 bits; negative where the network duplicates."""
        return max(-MAX_LOST - 1, min(self.expected - self.packets_received, MAX_LOST))

    @property
    def jitter(self) -> int:
        """Interarrival jitter in clock ticks."""
        return self._jitter_16ths >> 4

    @property
    def highest(self) -> int:
        """The extended highest sequence number as it goes into a report: 32 bits."""
        return self._highest & 0xFFFF_FFFF

    def take_fraction_lost(self) -> int:
        """Return the share lost since the last call in 256ths, and begin the next interval."""
        expected = self.expected - self._expected_prior
        received = self.packets_received - self._received_prior
        self._expected_prior, self._received_prior = self.expected, self.packets_received
        lost = expected - received
        return min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0
