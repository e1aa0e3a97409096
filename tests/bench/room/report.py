"""The tables that `make bench-room` prints."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.bench.meter import machine, percentile
from tests.bench.report import table
from tests.bench.room.phases import Applause, Joined, Slow, Spread


@dataclass(frozen=True)
class Side:
    """One server with all its listeners: Parley's, or the bare consumer's."""

    joined: Joined
    idle: float
    spread: Spread


@dataclass(frozen=True)
class Findings:
    """Everything one run found. `bigger` is with the visitors who came later, above 1 000."""

    bare: Side
    parley: Side
    applause: Applause
    bigger: Spread
    bigger_count: int
    bigger_applause: Applause
    slow: Slow
    message_bytes: int


def render(found: Findings) -> str:
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    count = found.parley.joined.sockets
    note = (
        f"Measured {when} on {machine()}, load average {os.getloadavg()[0]:.1f} at the end; one Daphne, "
        f"{count} sockets that ping every 5 s, messages of {found.message_bytes} bytes. The bare consumer joins a "
        "group, hands on what it hears and answers pings; same Daphne, same Valkey, same client, same run. CPU per "
        "message is without that of the pings, and Parley's includes the change itself (database, relay)."
    )
    return "\n\n".join(
        [
            note,
            table(("", "Parley", "bare consumer"), _beside(found)),
            table(("", "", "goal"), _alone(found)),
        ]
    )


def _beside(found: Findings) -> list[list[str]]:
    sides = (found.parley, found.bare)
    ratio = found.parley.spread.cpu_us / found.bare.spread.cpu_us
    return [
        ["CPU per socket and message", *(f"{side.spread.cpu_us:.0f} µs" for side in sides)],
        ["the same, bare = 1 (goal ≤ 1.3)", f"{ratio:.2f}", "1"],
        ["CPU of all pings", *(f"{side.idle:.0%} of a core" for side in sides)],
        ["CPU per connect", *(f"{side.joined.cpu_ms:.1f} ms" for side in sides)],
        ["memory per socket", *(f"{side.joined.kib:.0f} KiB" for side in sides)],
        ["a message reaches one: p50 · p99", *(_delays(side.spread) for side in sides)],
        ["a message reaches all: p50 · max", *(_last(side.spread) for side in sides)],
    ]


def _alone(found: Findings) -> list[list[str]]:
    slow, bigger = found.slow, found.bigger_count
    memory = f"{slow.before_kib / 1024:.0f} MiB, at most {slow.peak_kib / 1024:.0f} MiB"
    return [
        [
            f"stage change to {found.parley.joined.sockets}: p50 · max",
            _last(found.parley.spread),
            "≤ 500 ms",
        ],
        [f"stage change to {bigger}: p50 · max", _last(found.bigger), ""],
        _applauded(found.parley.joined.sockets, found.applause, 4),
        _applauded(bigger, found.bigger_applause, 1),
        ["slow readers cut", f"{slow.cut} of {slow.readers} within {slow.took_s:.0f} s", "all"],
        ["server's memory before and meanwhile", memory, "flat"],
        ["stage change for the others meanwhile: p50 · max", _last(slow.spread), "≤ 500 ms"],
        ["others who lost their socket", str(slow.others_lost), "0"],
    ]


def _applauded(listeners: int, applause: Applause, most: int) -> list[str]:
    offered = f"{applause.offered_per_s:.0f} reactions/s offered, {applause.taken_per_s:.0f} taken"
    shown = (
        f"{applause.messages_per_s:.1f} messages/s per client, {applause.cpu_share:.0%} of a core"
    )
    return [f"{listeners} listeners, {offered}", shown, f"≤ {most}/s"]


def _delays(spread: Spread) -> str:
    return f"{percentile(spread.delays_ms, 0.5):.0f} · {percentile(spread.delays_ms, 0.99):.0f} ms"


def _last(spread: Spread) -> str:
    return f"{percentile(spread.last_ms, 0.5):.0f} · {max(spread.last_ms):.0f} ms"
