"""`python -m tests.chaos` (`make chaos`): kills each process of the stack in turn during a talk and
times the silence.

A host in Chromium talks, a listener in Chromium and a hundred light ones hear. After each kill
everybody must hear again by themselves, and the host must sit in the same seat with the same
microphone; while anything but the relay is dead, no packet of the talk may be lost. Ends with 1 if
that is not so.
"""

import argparse
import sys

from playwright.sync_api import sync_playwright

from tests.browser.chromium import Chromium
from tests.browser.town import Town
from tests.chaos.report import Report
from tests.chaos.talk import HEADS, RECOVERY_S, WATCH_S, Talk, Watch
from tests.stack import parley
from tests.stack.endings import end_on_sigterm
from tests.stack.folders import temporary_folder
from tests.stack.parley import Parley
from tests.stack.waiting import wait_until

ON_THE_WAY = "relay"
VICTIMS = ("worker", "clock", "web", "valkey", ON_THE_WAY)


def loses(site: Parley, talk: Talk, victim: str, report: Report) -> None:
    """Kill one process and write down what everybody noticed."""
    watch = Watch(talk)
    site.kill(victim)
    talk.passes(WATCH_S)
    watch.end(f"the {victim}'s death")
    wait_until(site.is_ready, f"the {victim} is back", RECOVERY_S)
    report.add([victim, *watch.cells], watch.faults(is_on_the_way=victim == ON_THE_WAY))


def run(listeners: int, victims: list[str], report: Report) -> None:
    folder = temporary_folder("chaos")
    site = parley.start(folder, {"DEMO_ACCOUNTS": "4"})
    try:
        with sync_playwright() as playwright:
            chromium = Chromium(playwright, folder)
            talk = Talk(site.url, Town(site, chromium, folder), listeners)
            for victim in victims:
                loses(site, talk, victim, report)
            talk.audience.close()
            chromium.close()
    finally:
        site.stop()


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--listeners", type=int, default=100)
    parser.add_argument("--victims", nargs="+", default=list(VICTIMS), choices=VICTIMS)
    chosen = parser.parse_args()
    report = Report(("killed", *HEADS), chosen.listeners)
    run(chosen.listeners, chosen.victims, report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
