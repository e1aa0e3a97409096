"""`make bench-web`: pages of a big town on PostgreSQL, asked for by 1, 8 and 32 clients at once,
against real Daphne.

    python -m tests.bench.web [--posts 1000000] [--people 100000] [--clients 1 8 32]

Every viewer follows 1000 people. One web process serves, as `make run` starts it; with more clients
than it has time for, requests wait for each other, so those rows say how many pages a second it
makes rather than how long one takes.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from tests.bench.meter import percentile, read_cpu
from tests.bench.web.load import Crowd, Viewer, measure
from tests.stack import parley
from tests.stack.endings import end_on_sigterm
from tests.stack.parley import ROOT, Parley
from tests.stack.postgres import running_postgres

PAGES = ("home", "profile", "thread", "search", "post", "message")
REQUESTS = {1: 30, 8: 48, 32: 96}
WARM_UP = 6


def seed(site: Parley, database: str, posts: int, people: int) -> list[Viewer]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database,
    }
    places = {
        "DATA_DIR": str(site.data_dir),
        "PORT": str(site.port),
        "REDIS_URL": str(site.record["redis_url"]),
    }
    command = [sys.executable, "-m", "tests.bench.web.seed", str(posts), str(people)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment | places, check=True, stdout=subprocess.PIPE
    )
    return [Viewer(**one) for one in json.loads(done.stdout)]


async def run(site: Parley, crowd: Crowd, clients: Sequence[int]) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        await crowd.prepare(http)
    print(
        "| page | clients | p50 | p95 | pages/s | CPU of the web process a page |\n|---|---|---|---|---|---|"
    )
    for name in PAGES:
        page = getattr(crowd, name)
        await measure(page, 1, WARM_UP)
        for count in clients:
            before = read_cpu(site.pid("web"))
            took = await measure(page, count, REQUESTS.get(count, 4 * count))
            spent = read_cpu(site.pid("web")).since(before)
            times = f"{percentile(took, 0.5):.0f} ms | {percentile(took, 0.95):.0f} ms"
            row = f"{times} | {len(took) / spent.wall_s:.0f} | {spent.cpu_s / len(took) * 1000:.0f} ms"
            print(f"| {name} | {count} | {row} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.web", description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    options = parser.parse_args()
    end_on_sigterm()
    with (
        tempfile.TemporaryDirectory(prefix="parley-bench-") as folder,
        running_postgres() as database,
    ):
        site = parley.start(Path(folder), {"DATABASE_URL": database})
        try:
            begun = time.monotonic()
            viewers = seed(site, database, options.posts, options.people)
            print(
                f"{options.posts} posts, {options.people} people, seeded in {time.monotonic() - begun:.0f} s"
            )
            asyncio.run(run(site, Crowd(site.url, viewers, options.people), options.clients))
        finally:
            site.stop()


if __name__ == "__main__":
    main()
