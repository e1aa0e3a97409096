"""The table that `make bench` prints."""

from dataclasses import dataclass
from datetime import UTC, datetime

from tests.bench.meter import machine

HEADS = (
    "listeners",
    "talk",
    "packets/s",
    "relay CPU",
    "µs/packet",
    "floor µs",
    "GSO floor µs",
    "× GSO floor",
    "delay p50",
    "p99",
    "loss",
    "client full",
)
JANUS_HEADS = (
    "plugin",
    "listeners",
    "talk",
    "Janus CPU",
    "µs/packet",
    "relay ÷ Janus",
    "loss",
    "client full",
    "CPU per join",
)
JOIN_HEADS = ("listeners", "joins/s", "CPU per join", "memory per listener", "relay at rest")


@dataclass(frozen=True)
class Row:
    """One talk with one number of listeners, or several at once that share them evenly."""

    listeners: int
    spaces: int
    shape: str
    packets_per_s: float
    cpu_share: float
    per_packet_us: float
    floor_us: float
    gso_floor_us: float
    delay_p50_ms: float
    delay_p99_ms: float
    loss: float
    client_full: float  # Share of packets that found the load client's own sockets full.

    def cells(self) -> list[str]:
        return [
            str(self.listeners)
            if self.spaces == 1
            else f"{self.spaces} × {self.listeners // self.spaces}",
            self.shape,
            f"{self.packets_per_s:,.0f}",
            f"{self.cpu_share:.0%}",
            f"{self.per_packet_us:.2f}",
            f"{self.floor_us:.2f}",
            f"{self.gso_floor_us:.2f}",
            f"{self.per_packet_us / self.gso_floor_us:.2f}",
            f"{self.delay_p50_ms:.2f} ms",
            f"{self.delay_p99_ms:.2f} ms",
            f"{self.loss:.3%}",
            f"{self.client_full:.3%}",
        ]


@dataclass(frozen=True)
class JoinRow:
    """What it cost to bring the listeners in."""

    listeners: int
    joins_per_s: float
    cpu_per_join_ms: float
    kib_per_listener: float
    at_rest_kib: int

    def cells(self) -> list[str]:
        return [
            str(self.listeners),
            f"{self.joins_per_s:.0f}",
            f"{self.cpu_per_join_ms:.2f} ms",
            f"{self.kib_per_listener:.0f} KiB",
            f"{self.at_rest_kib / 1024:.0f} MiB",
        ]


@dataclass(frozen=True)
class JanusRow:
    """The same talk to the same number of viewers of Janus, by one of its plugins."""

    plugin: str
    listeners: int
    shape: str
    cpu_share: float
    per_packet_us: float
    loss: float
    client_full: float
    cpu_per_join_ms: float

    def cells(self, ours: float) -> list[str]:
        """Return the table's cells; `ours` is what the relay took for a packet of this talk."""
        return [
            self.plugin,
            str(self.listeners),
            self.shape,
            f"{self.cpu_share:.0%}",
            f"{self.per_packet_us:.2f}",
            f"{ours / self.per_packet_us:.2f}" if self.per_packet_us else "too little to tell",
            f"{self.loss:.3%}",
            f"{self.client_full:.3%}",
            f"{self.cpu_per_join_ms:.2f} ms",
        ]


def table(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [
        " | ".join(heads),
        " | ".join("---" for _ in heads),
        *(" | ".join(cells) for cells in rows),
    ]
    return "\n".join(f"| {line} |" for line in lines)


def render(joins: list[JoinRow], rows: list[Row], seconds: float, beside: list[str]) -> str:
    """Return the whole report; `beside` are the paragraphs about others."""
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return "\n\n".join(
        [
            f"Measured {when} on {machine()}; {seconds:.0f} s each; one publisher in each Space, AEAD-GCM, "
            "loopback; every listener sends a connectivity check each 2.5 s and a receiver report each second. "
            "The floor is libsrtp and `sendmmsg` alone, with and without one GSO message per frame, to the same "
            "sockets in the same run. Delay is from the publisher's send call to the kernel's arrival stamp at "
            "the listener; what the listeners' own sockets had no room for is told apart from what the relay "
            "lost.",
            table(JOIN_HEADS, [row.cells() for row in joins]),
            table(HEADS, [row.cells() for row in rows]),
            *beside,
        ]
    )


def render_janus(version: str, rows: list[JanusRow], ours: list[Row]) -> list[str]:
    """Return the paragraphs about Janus, measured in the same run."""
    costs = {(row.listeners, row.shape): row.per_packet_us for row in ours}
    compared = [row.cells(costs[row.listeners, row.shape]) for row in rows]
    return [
        f"Janus {version}, Debian's package, one event loop a core, in the same run. *VideoRoom* is Janus as an SFU: "
        "the same publisher over WebRTC, every listener subscribed to it. *Streaming* is nearest to listeners who "
        "share packets: its source is plain RTP, so it decrypts nothing and sends no feedback. Debian's libsrtp leaves "
        "both AES-CM with HMAC-SHA1, where the relay has AES-GCM.",
        table(JANUS_HEADS, compared),
    ]
