"""What the relay counts, and the text Prometheus reads. Every silent drop has a name here."""

import time
from collections.abc import Callable
from enum import StrEnum


class Drop(StrEnum):
    """Why something was thrown away without a word to whoever sent it."""

    EMPTY = "empty_datagram"
    OVERSIZE = "oversize_datagram"
    UNKNOWN_ADDRESS = "unknown_address"
    UNKNOWN_PROTOCOL = "unknown_protocol"
    STUN_MALFORMED = "stun_malformed"
    STUN_UNKNOWN_UFRAG = "stun_unknown_ufrag"
    STUN_BAD_INTEGRITY = "stun_bad_integrity"
    STUN_ADDRESS_TAKEN = "stun_address_taken"
    DTLS_FAILED = "dtls_failed"
    DTLS_TIMEOUT = "dtls_timeout"
    DTLS_FLOOD = "dtls_flood"
    FINGERPRINT_MISMATCH = "fingerprint_mismatch"
    NO_SESSION = "srtp_before_dtls"
    SRTP_FAILED = "srtp_failed"
    SRTP_REPLAYED = "srtp_replayed"
    SRTP_SEND_FAILED = "srtp_send_failed"
    RTP_MALFORMED = "rtp_malformed"
    RTP_OVERSIZE = "rtp_oversize"
    RTP_UNKNOWN_PAYLOAD = "rtp_unknown_payload"
    RTP_FOREIGN_SSRC = "rtp_foreign_ssrc"
    RTP_NOT_ALLOWED = "rtp_not_allowed"
    RTP_RATE = "rtp_rate"
    RTP_NOT_FORWARDED = "rtp_not_forwarded"
    RTP_DUPLICATE = "rtp_duplicate"
    RTCP_MALFORMED = "rtcp_malformed"
    RTCP_RATE = "rtcp_rate"
    NACK_MISS = "nack_miss"
    NACK_LIMIT = "nack_limit"
    SEND_BUFFER_FULL = "send_buffer_full"
    SEND_REFUSED = "send_refused"
    PEER_ERROR = "peer_error"
    BAD_REQUEST = "bad_request"
    BUS_BACKLOG = "bus_backlog"


FANOUT_BUCKETS_US = (50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 100_000)


class Histogram:
    """Counts durations in fixed buckets; the last one is everything above."""

    def __init__(self, bounds: tuple[int, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0

    def add(self, value: int) -> None:
        self.total += value
        for index, bound in enumerate(self.bounds):
            if value <= bound:
                self.counts[index] += 1
                return
        self.counts[-1] += 1

    def lines(self, name: str) -> list[str]:
        """Return the Prometheus lines of a cumulative histogram."""
        seen, out = 0, [f"# TYPE {name} histogram"]
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            seen += count
            out.append(f'{name}_bucket{{le="{bound}"}} {seen}')
        return [*out, f"{name}_sum {self.total}", f"{name}_count {seen}"]


class Metrics:
    """The counters of one relay process. Plain attributes, because the packet path adds to them."""

    def __init__(self) -> None:
        self.drops: dict[Drop, int] = dict.fromkeys(Drop, 0)
        self.datagrams_in = 0
        self.rtp_in = 0
        self.rtcp_in = 0
        self.rtp_out = 0
        self.rtcp_out = 0
        self.bytes_out = 0
        self.gso_messages = 0
        self.retransmitted = 0
        self.keyframe_requests = 0
        self.peers_opened = 0
        self.peers_connected = 0
        self.peers_closed: dict[str, int] = {}
        self.fanout_us = Histogram(FANOUT_BUCKETS_US)
        self.tick_late_ms = Histogram((1, 2, 5, 10, 20, 50, 100, 500))

    def drop(self, reason: Drop) -> None:
        self.drops[reason] += 1

    def closed(self, reason: str) -> None:
        """Count a closed peer.

        Reasons from outside are folded into `other`, so that the table cannot grow.
        """
        known = reason if reason in CLOSE_REASONS else "other"
        self.peers_closed[known] = self.peers_closed.get(known, 0) + 1


CLOSE_REASONS = frozenset(
    {
        "closed_by_peer",
        "consent_lost",
        "drained",
        "dtls_failed",
        "dtls_timeout",
        "ended",
        "left",
        "moved",
        "never_connected",
        "peer_error",
        "removed",
        "replaced",
        "wrong_fingerprint",
    }
)


def render(metrics: Metrics, gauges: dict[str, float]) -> str:
    """Return the whole page in Prometheus's text format 0.0.4."""
    counters = {
        name: value
        for name, value in vars(metrics).items()
        if isinstance(value, int) and not name.startswith("_")
    }
    lines = []
    for name, value in counters.items():
        lines += [f"# TYPE relay_{name}_total counter", f"relay_{name}_total {value}"]
    for name, gauge in gauges.items():
        lines += [f"# TYPE relay_{name} gauge", f"relay_{name} {gauge:g}"]
    lines.append("# TYPE relay_drops_total counter")
    lines += [
        f'relay_drops_total{{reason="{reason}"}} {count}' for reason, count in metrics.drops.items()
    ]
    lines.append("# TYPE relay_peers_closed_total counter")
    lines += [
        f'relay_peers_closed_total{{reason="{why}"}} {count}'
        for why, count in metrics.peers_closed.items()
    ]
    lines += metrics.fanout_us.lines("relay_fanout_microseconds")
    lines += metrics.tick_late_ms.lines("relay_tick_late_milliseconds")
    return "\n".join(lines) + "\n"


class CpuMeter:
    """Share of one core that this process used between two readings, 0.0-1.0 and more with threads."""

    def __init__(
        self,
        cpu_s: Callable[[], float] = time.process_time,
        wall_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cpu_s, self._wall_s = cpu_s, wall_s
        self._last = (cpu_s(), wall_s())

    def read(self) -> float:
        cpu, wall = self._cpu_s(), self._wall_s()
        before_cpu, before_wall = self._last
        self._last = (cpu, wall)
        return (cpu - before_cpu) / max(wall - before_wall, 1e-6)
