"""`python -m tests.chaos.parts`: takes each part of the stack away during a talk that is recorded,
and writes down what pages, API, room, REC and `/readyz` did.

A host in Chromium talks, a listener in Chromium and light ones hear. Whatever is missing, the sound
goes on, everybody stays seated, nothing is a 500, REC tells the truth within 5 s, and all is well
again by itself. Ends with 1 if that is not so.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from playwright.sync_api import sync_playwright

from config.dev.demo.people import PASSWORD
from tests.browser.chromium import Chromium
from tests.browser.town import Town
from tests.chaos.report import Report
from tests.chaos.talk import HEADS, RECOVERY_S, WATCH_S, Talk, Watch
from tests.parts import faults
from tests.parts.faults import Fault
from tests.parts.site import Answer, Parts, Person, small_disk
from tests.stack import parley
from tests.stack.endings import end_on_sigterm
from tests.stack.folders import temporary_folder
from tests.stack.valkey import running_valkey

DISK_MB = 300
HOME = "/api/v1/timelines/home/"
OUTAGE_S = 20.0  # Longer than a person may be away (RULES §6).
FAULTS: Mapping[str, Fault] = {
    "redis killed": faults.redis_killed,
    "redis frozen": faults.redis_frozen,
    "redis full": faults.redis_full,
    "redis read-only": faults.redis_read_only,
    "database locked": faults.database_locked,
    "disk full": faults.disk_full,
    "media read-only": faults.media_read_only,
}


class Recorded:
    """What the listener's page says of REC, looked at every quarter of a second."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.seen: list[tuple[float, str]] = []

    def watch(self, for_s: float) -> None:
        until = time.monotonic() + for_s
        while time.monotonic() < until:
            sign = self._talk.rec()
            if not self.seen or self.seen[-1][1] != sign:
                self.seen.append((time.monotonic(), sign))
            self._talk.passes(0.25)

    @property
    def ends_with(self) -> str:
        return self.seen[-1][1]

    def story(self, since: float) -> str:
        return ", ".join(
            f"{sign or 'no sign'} at {max(0.0, at - since):.1f} s" for at, sign in self.seen
        )


def suffers(parts: Parts, talk: Talk, name: str, report: Report) -> None:
    """Take one part away and write down what everybody noticed."""
    person, program = Person(parts.stack.url), Person(parts.stack.url)
    person.log_in("alice")
    program.token = program.send(
        "/api/v1/auth/token/", {"handle": "alice", "password": PASSWORD}
    ).json["token"]
    typed, sent = f"Typed during {name}", f"Sent during {name}"
    rec = Recorded(talk)
    rec.watch(1)
    watch = Watch(talk)
    with ThreadPoolExecutor(8) as pool, FAULTS[name](parts):
        asked = {
            "home": pool.submit(person.get, "/"),
            "explore": pool.submit(person.get, "/explore/"),
            "post": pool.submit(partial(person.post, "/posts/", {"text": typed})),
            "read": pool.submit(program.get, HOME),
            "write": pool.submit(partial(program.send, "/api/v1/posts/", {"text": sent})),
        }
        rec.watch(OUTAGE_S - 5)
        named = ", ".join(parts.ready().json["missing"])
        rec.watch(max(0.5, watch.begun + OUTAGE_S - time.monotonic()))
        found = {what: one.result() for what, one in asked.items()}
    back = time.monotonic()
    while parts.ready().status != 200 and time.monotonic() < back + RECOVERY_S:
        rec.watch(0.5)
    well_s = time.monotonic() - back
    rec.watch(WATCH_S)
    watch.end(name)
    cells = [
        name,
        _statuses(found, "home", "explore", "post"),
        _statuses(found, "read", "write"),
        *watch.cells,
        rec.story(watch.begun),
        named or "nothing",
        f"{well_s:.1f} s",
    ]
    faults = watch.faults(is_on_the_way=False)
    faults += [f"{what} is {one.status}" for what, one in found.items() if not _is_kind(one)]
    known = program.get(HOME).text
    if not (typed in known or f"{typed}</textarea>" in found["post"].text):
        faults.append("what was typed is lost")
    if (found["write"].status == 201) != (sent in known):
        faults.append("a program was told another thing than what became of its post")
    if rec.ends_with != "REC":
        faults.append(f"at the end the recording is {rec.ends_with or 'not shown'}")
    if not named:
        faults.append("/readyz names nothing")
    if well_s > RECOVERY_S:
        faults.append(f"it is not well again after {RECOVERY_S:g} s")
    report.add(cells, faults)


def _is_kind(answer: Answer) -> bool:
    """It was done, or refused with the words and the time to come back."""
    return answer.status < 400 or (answer.status == 503 and "Retry-After" in answer.headers)


def _statuses(found: Mapping[str, Answer], *names: str) -> str:
    return " ".join(f"{name} {found[name].status} ({found[name].took_s:.1f} s)" for name in names)


def run(listeners: int, names: list[str], report: Report) -> None:
    folder, devices = temporary_folder("chaos"), temporary_folder("devices")
    with small_disk(folder, DISK_MB), running_valkey() as valkey:
        stack = parley.start(folder, {"REDIS_URL": valkey.url, "DEMO_ACCOUNTS": "4"})
        parts = Parts(stack, valkey)
        try:
            with sync_playwright() as playwright:
                chromium = Chromium(playwright, devices)
                talk = Talk(stack.url, Town(stack, chromium, devices), listeners)
                talk.is_recorded(stack)
                for name in names:
                    suffers(parts, talk, name, report)
                talk.audience.close()
                chromium.close()
        finally:
            stack.stop()


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.parts", description=__doc__)
    parser.add_argument("--listeners", type=int, default=100)
    parser.add_argument("--missing", nargs="+", default=list(FAULTS), choices=FAULTS)
    chosen = parser.parse_args()
    heads = ("missing", "pages", "API", *HEADS, "REC", "readyz", "well again")
    report = Report(heads, chosen.listeners)
    run(chosen.listeners, chosen.missing, report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
