"""`python -m tests.chaos.parts`: takes each part of the stack away during a talk that is recorded,
and writes down what pages, API, room, REC and `/readyz` did.

A host in Chromium talks, a listener in Chromium and light ones hear. Whatever is missing, the sound
goes on, everybody stays seated, REC tells the truth within 5 s, and all is well again by itself.
"""

import argparse
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from playwright.sync_api import sync_playwright

from config.dev.demo.people import PASSWORD
from tests.bench.meter import percentile
from tests.bench.report import table
from tests.browser.chromium import Chromium
from tests.browser.town import Town
from tests.chaos.__main__ import Talk, seat_of
from tests.parts import faults
from tests.parts.faults import Fault
from tests.parts.site import Answer, Parts, Person, small_disk
from tests.stack import parley
from tests.stack.endings import end_on_sigterm
from tests.stack.folders import temporary_folder
from tests.stack.valkey import running_valkey
from tests.stack.waiting import wait_until

DISK_MB = 300
OUTAGE_S = 20.0
RECOVERY_S = 40.0
FAULTS: Mapping[str, Fault] = {
    "redis killed": faults.redis_killed,
    "redis frozen": faults.redis_frozen,
    "redis full": faults.redis_full,
    "redis read-only": faults.redis_read_only,
    "database locked": faults.database_locked,
    "disk full": faults.disk_full,
    "media read-only": faults.media_read_only,
}
HEADS = (
    "missing",
    "pages",
    "API",
    "silence p50",
    "longest",
    "in Chromium",
    "seat and microphone",
    "REC",
    "readyz",
    "well again",
)


class Recorded:
    """What the listener's page says of REC, looked at every quarter of a second."""

    def __init__(self, talk: Talk) -> None:
        self._page = talk.listener.page
        self.seen: list[tuple[float, str]] = []

    def watch(self, for_s: float) -> None:
        until = time.monotonic() + for_s
        while time.monotonic() < until:
            sign = self._page.evaluate(
                "() => document.querySelector('.sign--rec, .sign--rec-paused')?.textContent ?? ''"
            )
            if not self.seen or self.seen[-1][1] != sign:
                self.seen.append((time.monotonic(), sign))
            self._page.wait_for_timeout(250)

    def story(self, since: float) -> str:
        return ", ".join(
            f"{sign or 'no sign'} at {max(0.0, at - since):.1f} s" for at, sign in self.seen
        )


def suffers(parts: Parts, talk: Talk, name: str) -> list[str]:
    """Take one part away and return the table's cells."""
    seat = seat_of(talk.host)
    person, program = Person(parts.stack.url), Person(parts.stack.url)
    person.log_in("alice")
    program.token = program.send(
        "/api/v1/auth/token/", {"handle": "alice", "password": PASSWORD}
    ).json["token"]
    gaps_in_chromium = talk.listener.watches_for_gaps()
    rec = Recorded(talk)
    rec.watch(1)
    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool, FAULTS[name](parts):
        asked = {
            "home": pool.submit(person.get, "/"),
            "explore": pool.submit(person.get, "/explore/"),
            "post": pool.submit(partial(person.post, "/posts/", {"text": f"During {name}"})),
            "read": pool.submit(program.get, "/api/v1/timelines/home/"),
            "write": pool.submit(
                partial(program.send, "/api/v1/posts/", {"text": f"By program during {name}"})
            ),
        }
        rec.watch(OUTAGE_S - 5)
        named = ", ".join(parts.ready().json["missing"]) or "nothing"
        rec.watch(max(0.5, begun + OUTAGE_S - time.monotonic()))
        found = {what: one.result() for what, one in asked.items()}
    back = time.monotonic()
    while parts.ready().status != 200 and time.monotonic() < back + RECOVERY_S:
        rec.watch(0.5)
    well_s = time.monotonic() - back
    rec.watch(8)
    wait_until(talk.audience.all_hear, f"all hear again after {name}", RECOVERY_S)
    gaps = talk.audience.gaps_since(begun)
    longest_ms = gaps_in_chromium()["longest_gap_ms"]
    kept = "as before" if seat_of(talk.host) == seat else f"{seat} became {seat_of(talk.host)}"
    return [
        name,
        _statuses(found, "home", "explore", "post"),
        _statuses(found, "read", "write"),
        f"{percentile(gaps, 0.5):.2f} s",
        f"{max(gaps):.2f} s",
        f"{longest_ms / 1000:.2f} s",
        kept,
        rec.story(begun),
        named,
        f"{well_s:.1f} s",
    ]


def _statuses(found: Mapping[str, Answer], *names: str) -> str:
    return " ".join(f"{name} {found[name].status} ({found[name].took_s:.1f} s)" for name in names)


def run(listeners: int, names: list[str]) -> list[list[str]]:
    folder, devices = temporary_folder("chaos"), temporary_folder("devices")
    rows = []
    with small_disk(folder, DISK_MB), running_valkey() as valkey:
        stack = parley.start(folder, {"REDIS_URL": valkey.url, "DEMO_ACCOUNTS": "4"})
        parts = Parts(stack, valkey)
        try:
            with sync_playwright() as playwright:
                chromium = Chromium(playwright, devices)
                talk = Talk(stack, Town(stack, chromium, devices), listeners)
                talk.host.records()
                for name in names:
                    rows.append(suffers(parts, talk, name))
                    print(f"| {' | '.join(rows[-1])} |", flush=True)
                talk.audience.close()
                chromium.close()
        finally:
            stack.stop()
    return rows


def main() -> None:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.parts", description=__doc__)
    parser.add_argument("--listeners", type=int, default=100)
    parser.add_argument("--missing", nargs="+", default=list(FAULTS), choices=FAULTS)
    chosen = parser.parse_args()
    rows = run(chosen.listeners, chosen.missing)
    print("\n" + table(HEADS, rows))


if __name__ == "__main__":
    main()
