"""`python -m tests.bench.egress`: what captions, recording and rendering cost, as a table."""

import argparse
import asyncio
import resource
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.egress import relay, replay, speech
from tests.bench.meter import machine
from tests.bench.shapes import VIDEO
from tests.media_relay.blackbox.harness import running_relay
from tests.stack.endings import end_on_sigterm
from tests.stack.valkey import running_valkey

PARTS = ("captions", "relay", "render")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.egress", description=__doc__)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measured talk")
    parser.add_argument("--listeners", type=int, default=400)
    parser.add_argument(
        "--relay-seconds",
        type=float,
        default=165.0,
        help="most for the relay with and without egress",
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the long recording")
    return parser.parse_args()


def main() -> None:
    end_on_sigterm()
    chosen = arguments()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * chosen.listeners + 512)), hard)
    )
    print(machine())
    with tempfile.TemporaryDirectory(prefix="parley-egress-") as name, running_valkey() as valkey:
        folder = Path(name)
        if "captions" in chosen.only:
            rows = [
                asyncio.run(speech.measure(valkey.url, folder / "a", n, chosen.seconds))
                for n in (1, 3)
            ]
            show(_captions(rows))
        if "relay" in chosen.only:
            with running_relay(valkey.url) as one, running_relay(valkey.url) as other:
                each = chosen.listeners // 2
                measured = relay.measure(
                    (one, other), folder / "b", each, (VIDEO,), chosen.relay_seconds
                )
                show(_relay(asyncio.run(measured)))
        if "render" in chosen.only:
            show(_render(list(renders(folder, chosen.minutes))))


def renders(folder: Path, minutes: float) -> Iterator[replay.ReplayRow]:
    for name, length, camera in (
        ("voices alone", minutes / 6, False),
        ("voices alone", minutes, False),
        ("with a camera", max(minutes / 20, 1), True),
    ):
        log = folder / f"rec-{name.split()[0]}-{length:g}"
        replay.record(log, length, camera)
        yield replay.render(name, log, folder / "out", length)


def show(lines: Sequence[str]) -> None:
    print("\n" + "\n".join(lines))


def _captions(rows: Sequence[speech.SpeechRow]) -> list[str]:
    head = [
        "| people talking at once | CPU per minute of speech | of it reading packets | lines | behind |",
        "|---|---|---|---|---|",
    ]
    return head + [
        f"| {row.speakers} | {row.cpu_s_per_minute:.1f} s | {row.main_share:.0%} | {row.lines} | {row.behind:.0%} |"
        for row in rows
    ]


def _relay(rows: Sequence[relay.RelayRow]) -> list[str]:
    head = [
        "| talk | listeners | relay's CPU per packet, egress off | recording | more (95 %) | blocks | egress itself |",
        "|---|---|---|---|---|---|---|",
    ]
    return head + [
        f"| {row.shape} | {row.listeners} | {row.off_us:.3f} µs | {row.on_us:.3f} µs "
        f"| {row.more} | {row.more.blocks} | {row.egress_share:.1%} |"
        for row in rows
    ]


def _render(rows: Sequence[replay.ReplayRow]) -> list[str]:
    head = [
        "| recording | minutes | log | MP4 | CPU per recorded minute | memory in each third |",
        "|---|---|---|---|---|---|",
    ]
    return head + [
        f"| {row.name} | {row.minutes:g} | {row.log_mb:.1f} MB | {row.file_mb:.1f} MB | {row.cpu_s_per_minute:.1f} s | "
        f"{' · '.join(f'{one:.0f}' for one in row.memory_mb)} MB |"
        for row in rows
    ]


if __name__ == "__main__":
    main()
