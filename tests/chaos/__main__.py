"""`python -m tests.chaos` (`make chaos`): kills each process of the stack in turn during a talk and
times the silence.

A host in Chromium talks, a listener in Chromium and a hundred light ones hear. After each kill
everybody must hear again by themselves, and the host must sit in the same seat with the same
microphone.
"""

import argparse
import time

from playwright.sync_api import sync_playwright

from tests.bench.meter import percentile
from tests.bench.report import table
from tests.browser.chromium import Chromium
from tests.browser.people import Person
from tests.browser.town import Town
from tests.browser.voices import RED
from tests.chaos.listener import Audience
from tests.stack import parley
from tests.stack.endings import end_on_sigterm
from tests.stack.folders import temporary_folder
from tests.stack.parley import Parley
from tests.stack.waiting import wait_until

NOBODY = "nobody"  # What the machine itself makes of a talk: the gaps of its other work.
VICTIMS = (NOBODY, "worker", "web", "valkey", "relay")
RECOVERY_S = 30.0
# How long after the kill a gap still counts to it, even if the sound went on at first.
WATCH_S = 8.0
HEADS = ("killed", "silence p50", "p95", "longest", "in Chromium", "seat and microphone")


class Talk:
    """One live Space with its people."""

    def __init__(self, site: Parley, town: Town, listeners: int) -> None:
        self.site = site
        self.host = town.person(RED)
        self.listener = town.person()
        self.host.is_live_in("Steady hands")
        self.host.talks()
        self.listener.listens_to(self.host.room_url)
        self.listener.hears(RED)
        space = self.host.room_url.rstrip("/").rsplit("/", 1)[1]
        self.audience = Audience(site.url, space, listeners)
        wait_until(self.audience.all_hear, "all light listeners hear the host", RECOVERY_S)

    def loses(self, victim: str) -> list[str]:
        """Kill one process and return the table's cells: what everybody noticed."""
        seat = seat_of(self.host)
        watch = self.listener.watches_for_gaps()
        killed_at = time.monotonic()
        if victim != NOBODY:
            self.site.kill(victim)
        self.listener.page.wait_for_timeout(WATCH_S * 1000)
        wait_until(self.audience.all_hear, f"all hear again after the {victim}'s death", RECOVERY_S)
        gaps = self.audience.gaps_since(killed_at)
        self.listener.hears(RED, RECOVERY_S)
        chromium_ms = watch()["longest_gap_ms"]
        wait_until(self.site.is_ready, f"the {victim} is back", RECOVERY_S)
        kept = "as before" if seat_of(self.host) == seat else f"{seat} became {seat_of(self.host)}"
        figures = [percentile(gaps, 0.5), percentile(gaps, 0.95), max(gaps), chromium_ms / 1000]
        return [victim, *(f"{figure:.2f} s" for figure in figures), kept]


def seat_of(host: Person) -> dict[str, object]:
    seat = host.seat_of(host)
    return {name: seat[name] for name in ("role", "mic", "camera")}


def run(listeners: int, victims: list[str]) -> list[list[str]]:
    folder = temporary_folder("chaos")
    site = parley.start(folder, {"DEMO_ACCOUNTS": "4"})
    try:
        with sync_playwright() as playwright:
            chromium = Chromium(playwright, folder)
            talk = Talk(site, Town(site, chromium, folder), listeners)
            rows = []
            for victim in victims:
                rows.append(talk.loses(victim))
                print(f"| {' | '.join(rows[-1])} |", flush=True)
            talk.audience.close()
            chromium.close()
    finally:
        site.stop()
    return rows


def main() -> None:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--listeners", type=int, default=100)
    parser.add_argument("--victims", nargs="+", default=list(VICTIMS), choices=VICTIMS)
    chosen = parser.parse_args()
    rows = run(chosen.listeners, chosen.victims)
    print("\n" + table(HEADS, rows))


if __name__ == "__main__":
    main()
