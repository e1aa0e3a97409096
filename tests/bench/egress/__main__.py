"""`python -m tests.bench.egress`: what captions, recording and rendering cost, as a table."""

import argparse
import asyncio
import resource
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.egress import relay, replay, speech
from tests.bench.meter import machine
from tests.media_relay.blackbox.harness import running_relay
from tests.stack.endings import end_on_sigterm
from tests.stack.valkey import running_valkey

PARTS = ("captions", "relay", "render")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.egress", description=__doc__)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measured talk")
    parser.add_argument("--listeners", type=int, default=400)
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the long recording")
    return parser.parse_args()


def main() -> None:
    end_on_sigterm()
    chosen = arguments()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * chosen.listeners + 512)), hard))
    print(machine())
    with tempfile.TemporaryDirectory(prefix="parley-egress-") as name, running_valkey() as valkey:
        folder = Path(name)
        if "captions" in chosen.only:
            rows = [asyncio.run(speech.measure(valkey.url, folder / "a", n, chosen.seconds)) for n in (1, 3)]
            show(_captions(rows))
        if "relay" in chosen.only:
            with running_relay(valkey.url) as process:
                measured = relay.measure(process, folder / "b", chosen.listeners, chosen.seconds / 4)
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
        "| talk | listeners | relay's CPU, egress off | recording | more | egress itself |",
        "|---|---|---|---|---|---|",
    ]
    return head + [
        f"| {row.shape} | {row.listeners} | {row.off_share:.1%} | {row.on_share:.1%} "
        f"| {row.more:+.1%} ± {row.error:.1%} | {row.egress_share:.1%} |"
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
