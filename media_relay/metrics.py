"""What the relay counts, and the page that Prometheus reads. Every silent drop has a name."""

import asyncio
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

REQUEST_S = 5  # For one request; a client that is slower is let go.
MAX_REQUEST = 8192  # Bytes of its head.


class Drop(StrEnum):
    """Why something was thrown away without a word to the sender."""

    EMPTY = "empty_datagram"
    OVERSIZE = "oversize_datagram"
    UNKNOWN_ADDRESS = "unknown_address"
    UNKNOWN_PROTOCOL = "unknown_protocol"
    STUN_MALFORMED = "stun_malformed"
    STUN_UNKNOWN_UFRAG = "stun_unknown_ufrag"
    STUN_BAD_INTEGRITY = "stun_bad_integrity"
    STUN_ADDRESS_TAKEN = "stun_address_taken"
    STUN_UNASKED = "stun_unasked"
    STUN_RATE = "stun_rate"
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
    RTP_BITRATE = "rtp_bitrate"
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
        # Short durations are the rule, so the loop ends early.
        for index, bound in enumerate(self.bounds):
            if value <= bound:
                self.counts[index] += 1
                return
        self.counts[-1] += 1

    def family(self, name: str, what: str) -> HistogramMetricFamily:
        """Return it as Prometheus has histograms: each bucket holds those below it, too."""
        seen = list(accumulate(self.counts))
        bounds = [*map(str, self.bounds), "+Inf"]
        buckets = list(zip(bounds, map(float, seen), strict=True))
        return HistogramMetricFamily(name, what, buckets=buckets, sum_value=self.total)


class Metrics:
    """The counters of one relay process. Plain attributes, because the packet path adds to them."""

    def __init__(self) -> None:
        # All from the start, so that a first drop shows as a rise and not as a new series.
        self.drops: dict[Drop, int] = dict.fromkeys(Drop, 0)
        self.datagrams_in = 0
        self.rtp_in = 0
        self.rtcp_in = 0
        self.rtp_out = 0
        self.rtcp_out = 0
        self.bytes_out = 0
        self.gso_messages = 0
        self.retransmitted = 0
        self.checks_out = 0
        self.checks_answered = 0
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


class RelayCollector(Collector):
    """Makes Prometheus's figures of the plain counters, when it asks and not before."""

    def __init__(self, metrics: Metrics, gauges: dict[str, float]) -> None:
        self._metrics = metrics
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, value in vars(self._metrics).items():
            # Every plain number of `Metrics` is a counter.
            if isinstance(value, int):
                yield CounterMetricFamily(f"relay_{name}", name.replace("_", " "), value=value)
        for name, gauge in self._gauges.items():
            yield GaugeMetricFamily(f"relay_{name}", name.replace("_", " "), value=gauge)
        yield counted("relay_drops", "Thrown away without a word", self._metrics.drops.items())
        yield counted(
            "relay_peers_closed", "Peers that ended, and why", self._metrics.peers_closed.items()
        )
        yield self._metrics.fanout_us.family(
            "relay_fanout_microseconds", "From a packet's arrival until all have it"
        )
        yield self._metrics.tick_late_ms.family(
            "relay_tick_late_milliseconds", "How late the loop came to its tick"
        )


def counted(name: str, what: str, counts: Iterable[tuple[str, int]]) -> CounterMetricFamily:
    """Return a counter for each reason."""
    family = CounterMetricFamily(name, what, labels=["reason"])
    for reason, count in counts:
        family.add_metric([reason], count)
    return family


def render(metrics: Metrics, gauges: dict[str, float]) -> bytes:
    """Return the whole page in Prometheus's text format."""
    return generate_latest(RelayCollector(metrics, gauges))


async def serve(port: int, page: Callable[[], bytes]) -> asyncio.Server:
    """Serve `page()` at /metrics on 127.0.0.1 by HTTP; port 0 takes a free one.

    One answer a connection. In the loop and not in prometheus_client's own thread, because the
    gauges are the loop's state.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_S):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(response(request, page))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # The client has gone or does not speak HTTP; there is nobody to tell.
        finally:
            writer.close()

    # On loopback alone, because it asks for no password.
    return await asyncio.start_server(answer, "127.0.0.1", port, limit=MAX_REQUEST)


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


def response(request: bytes, page: Callable[[], bytes]) -> bytes:
    is_asked = request.split(b"\r\n", 1)[0].split(b" ")[:2] == [b"GET", b"/metrics"]
    status, body = ("200 OK", page()) if is_asked else ("404 Not Found", b"Look at /metrics.\n")
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {CONTENT_TYPE_LATEST}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


class CpuMeter:
    """Share of one core that this process used between two readings; above 1.0 with threads."""

    def __init__(
        self,
        cpu_s: Callable[[], float] = time.process_time,
        wall_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cpu_s = cpu_s
        self._wall_s = wall_s
        self._last = (cpu_s(), wall_s())

    def read(self) -> float:
        cpu = self._cpu_s()
        wall = self._wall_s()
        before_cpu, before_wall = self._last
        self._last = (cpu, wall)
        # Two readings may fall into one step of the clock.
        return (cpu - before_cpu) / max(wall - before_wall, 1e-6)


def resident_bytes() -> float:
    """Return what the process holds in memory; 0 where /proc does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            # The second field is what is resident, in pages (proc(5)).
            return float(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0.0
