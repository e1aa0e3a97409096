"""`make bench-web`: what pages of a big town cost the web process, beside an anchor in the same
process: an empty view, and twenty posts drawn as a first Django project would (`anchor`).

    python -m tests.bench.web [--posts 1000000] [--people 100000] [--sqlite] [--keep FOLDER]
        [--commit COMMIT] [--clients 1 8 32] [--webs 2] [--pages home …] [--rounds 5]

Every viewer follows 1000 people. Pages, anchors and commits are measured in turns, because machines
drift; each figure is the median of the rounds. With more clients than a process has time for,
requests wait for each other, so those rows say how many pages a second it makes rather than how
long one takes. `--keep` fills the database once and finds it there the next time.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench.meter import machine, percentile
from tests.bench.web.load import Size, browser, measure
from tests.bench.web.site import Web, checked_out, running_webs
from tests.bench.web.town import town
from tests.stack.endings import end_on_sigterm
from tests.stack.parley import ROOT

ANCHORS = ("empty_view", "plain_posts")
PAGES = (
    *("home", "profile", "thread", "search", "post", "message"),
    *("spaces", "api_home", "api_public"),
)
REQUESTS, WARM_UP = 12, 6
LOAD_REQUESTS = {1: 30, 8: 96, 32: 128}
Sites = dict[str, list[Web]]


async def compare(sites: Sites, pages: Sequence[str], rounds: int) -> None:
    """Print what one page costs each site, one asked for after the other."""
    cpu: dict[tuple[str, str], list[float]] = {}
    asked: dict[tuple[str, str], int] = {}
    sizes: dict[tuple[str, str], Size] = {}
    every = (*ANCHORS, *pages)
    for page in every:
        for name, (web, *_) in sites.items():
            await measure(getattr(web.crowd, page), 1, WARM_UP)
            asked[name, page], sizes[name, page] = await queries_and_size(web, page)
    for _ in range(rounds):
        for page in every:
            for name, (web, *_) in sites.items():
                before = web.cpu_s()
                await measure(getattr(web.crowd, page), 1, REQUESTS)
                cost = (web.cpu_s() - before) / REQUESTS * 1000
                cpu.setdefault((name, page), []).append(cost)
    print("| page | commit | bytes | sent | queries | CPU of the web process | × plain posts |")
    print("|---|---|---|---|---|---|---|")
    for page in every:
        for name in sites:
            ratios = [
                cost / plain
                for cost, plain in zip(cpu[name, page], cpu[name, "plain_posts"], strict=True)
            ]
            size = sizes[name, page]
            cells = f"{size.raw / 1000:.1f} kB | {size.sent / 1000:.1f} kB | {asked[name, page]}"
            cost = statistics.median(cpu[name, page])
            ratio = statistics.median(ratios)
            print(f"| {page} | {name} | {cells} | {cost:.1f} ms | {ratio:.2f} |", flush=True)


async def queries_and_size(web: Web, page: str) -> tuple[int, Size]:
    async with browser() as http:
        before = await web.crowd.queries(http)
        await getattr(web.crowd, page)(http)
        size = web.crowd.size
        return await web.crowd.queries(http) - before, size


async def load(sites: Sites, pages: Sequence[str], clients: Sequence[int]) -> None:
    """Print what clients see who ask without a pause."""
    print("\n| page | commit | clients | p50 | p95 | pages/s | CPU of the web process a page |")
    print("|---|---|---|---|---|---|---|")
    for page in pages:
        for count in clients:
            for name, (web, *_) in sites.items():
                cpu, begun = web.cpu_s(), time.monotonic()
                took = await measure(
                    getattr(web.crowd, page), count, LOAD_REQUESTS.get(count, 4 * count)
                )
                rate = len(took) / (time.monotonic() - begun)
                cost = (web.cpu_s() - cpu) / len(took) * 1000
                times = f"{percentile(took, 0.5):.0f} ms | {percentile(took, 0.95):.0f} ms"
                print(f"| {page} | {name} | {count} | {times} | {rate:.0f} | {cost:.1f} ms |")


async def side_by_side(sites: Sites, pages: Sequence[str]) -> None:
    """Print how much more several web processes make than one, with 8 clients each.

    Clients and database share the machine with them, so also what the webs themselves took: pages
    a second and core of theirs are what another core would bring.
    """
    print("\n| page | commit | webs | pages/s | more than one | pages a second and core of web |")
    print("|---|---|---|---|---|---|")
    for page in pages:
        for name, webs in sites.items():
            rates: dict[int, list[float]] = {}
            costs: dict[int, list[float]] = {}
            for _ in range(3):
                for count in (1, len(webs)):
                    used = webs[:count]
                    cpu, begun = sum(web.cpu_s() for web in used), time.monotonic()
                    done = await asyncio.gather(
                        *(measure(getattr(web.crowd, page), 8, 160) for web in used)
                    )
                    total = sum(map(len, done))
                    rates.setdefault(count, []).append(total / (time.monotonic() - begun))
                    costs.setdefault(count, []).append(
                        total / (sum(web.cpu_s() for web in used) - cpu)
                    )
            for count, found in rates.items():
                rate, alone = statistics.median(found), statistics.median(rates[1])
                each = statistics.median(costs[count])
                print(
                    f"| {page} | {name} | {count} | {rate:.0f} | {rate / alone:.2f} × | {each:.0f} |"
                )


async def run(sites: Sites, options: argparse.Namespace) -> None:
    await compare(sites, options.pages, options.rounds)
    if options.clients:
        await load(sites, options.pages, options.clients)
    if options.webs > 1:
        await side_by_side(sites, [page for page in options.pages if page == "home"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.web", description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, help="default: a tenth of the posts")
    parser.add_argument("--sqlite", action="store_true", help="SQLite instead of PostgreSQL")
    parser.add_argument("--keep", type=Path, help="keep the filled database in this folder")
    parser.add_argument("--commit", help="measure this commit, too, on the same database")
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--webs", type=int, default=1, help="compare so many processes with one")
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=PAGES)
    options = parser.parse_args()
    end_on_sigterm()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-")))
        folder.chmod(0o755)  # PostgreSQL does not run as root, and must get at its own.
        people = options.people or options.posts // 10
        place = options.keep.resolve() if options.keep else folder
        filled = stack.enter_context(town(place, options.posts, people, options.sqlite))
        checkouts = {"this": ROOT}
        if options.commit:
            checkouts[options.commit] = stack.enter_context(checked_out(options.commit, folder))
        sites = {
            name: stack.enter_context(running_webs(checkout, filled, options.webs))
            for name, checkout in checkouts.items()
        }
        print(f"{options.posts} posts, {people} people; {time.strftime('%F %R')}, {machine()}\n")
        asyncio.run(run(sites, options))


if __name__ == "__main__":
    main()
