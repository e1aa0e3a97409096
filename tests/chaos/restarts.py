"""`python -m tests.chaos.restarts` (part of `make chaos`): processes are asked to end, as an
upgrade does it.

Two webs behind nginx. A host in Chromium talks and is recorded, a listener in Chromium and light
ones hear, and visitors read and post all the time. Both webs are restarted one after the other;
then each process by itself is sent SIGTERM, and the supervisor starts it again. Every request must
be answered, every post kept once, no seat lost, and no packet of the talk where it does not pass
through what ended. Ends with 1 if that is not so.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import Chromium
from tests.browser.town import Town
from tests.chaos.parts import Recorded
from tests.chaos.report import Report
from tests.chaos.talk import HEADS, WATCH_S, Talk, Watch
from tests.stack import parley
from tests.stack.endings import end_on_sigterm
from tests.stack.folders import temporary_folder
from tests.stack.nginx import running_nginx
from tests.stack.parley import Parley, free_port
from tests.stack.rolling import Visitors
from tests.stack.waiting import wait_until
from tests.stack.webs import Webs

RESTART_S = 60.0
ROLLING = "both webs, rolling"
# The relay first: light listeners keep their connections over a change of sockets; a page makes
# new ones, and then learn of the relay's end by its silence alone.
ENDED = ("relay", ROLLING, "web", "worker", "clock", "delivery", "beat", "egress")
WRITERS = 40  # Nobody may post twenty times a minute.
COOKIES = """
import json
from django.test import Client
from accounts.models import User
def cookie(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["parley_session"].value
names = [f"writer{n}" for n in range(WRITERS)]
people = [User.objects.create_user(name, f"{name}@people.example") for name in names]
print(json.dumps([cookie(one) for one in people]))
""".replace("WRITERS", str(WRITERS))
KEPT = """
SELECT text FROM posts_post JOIN accounts_user ON accounts_user.id = posts_post.author_id
WHERE accounts_user.handle LIKE 'writer%'
"""


class Site:
    """The stack with a second web, both behind nginx at `url`."""

    def __init__(self, stack: Parley, port: int) -> None:
        self.stack = stack
        self.url = f"http://localhost:{port}"
        # The supervisor starts the first again by itself, the second is ours.
        environ = {
            **os.environ,
            "DATA_DIR": str(stack.data_dir),
            "REDIS_URL": stack.record["redis_url"],
            "ORIGINS": self.url,
            "TRUSTED_PROXIES": "1",
            "METRICS_PORT": "0",
        }
        self.webs = Webs((stack.port, free_port()), environ)
        self.webs.start(1)
        self.webs.wait_ready(1)

    def roll(self) -> None:
        """Restart the webs one after the other, each when the one before serves."""
        self.end("web")
        assert self.webs.terminate(1).wait(RESTART_S) == 0
        self.webs.start(1)
        self.webs.wait_ready(1)

    def end(self, name: str) -> None:
        """Ask a process to end; return when the next one of its name serves."""
        former, begun = self.stack.pid(name), len(self.stack.log)
        self.stack.terminate(name)
        wait_until(lambda: self.stack.pid(name) != former, f"another {name}", RESTART_S)
        is_up = partial(self.webs.answers, 0) if name == "web" else partial(self._said, name, begun)
        wait_until(is_up, f"the new {name} serves", RESTART_S)

    def kept(self) -> list[str]:
        """Return every text of the writers that is in the database."""
        with closing(sqlite3.connect(self.stack.data_dir / "parley.sqlite3", timeout=30)) as rows:
            return [text for (text,) in rows.execute(KEPT)]

    def _said(self, name: str, since: int) -> bool:
        """True once the process has said that it is ready."""
        lines = self.stack.log[since:].splitlines()
        return any(line.startswith(name) and "is ready" in line for line in lines)


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    port = free_port()
    settings = {
        "DEMO_ACCOUNTS": "4",
        "ORIGINS": f"http://localhost:{port}",
        "TRUSTED_PROXIES": "1",
    }
    stack = parley.start(folder, settings)
    try:
        site = Site(stack, port)
        try:
            with running_nginx(site.webs.ports, port):
                yield site
        finally:
            for process in site.webs.running.values():
                process.terminate()
                process.wait(20)
    finally:
        stack.stop()


class Crowd:
    """Visitors in an event loop of a thread of their own; Playwright's cannot be shared."""

    def __init__(self, url: str, cookies: list[str]) -> None:
        self.visitors = Visitors(url, cookies)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="crowd", daemon=True)
        self._thread.start()
        work = (self.visitors.read("/"), self.visitors.read("/healthz"), self.visitors.write())
        self._tasks = [asyncio.run_coroutine_threadsafe(one, self._loop) for one in work]
        wait_until(lambda: self.visitors.reads and self.visitors.writes, "they come", RESTART_S)

    def counts(self) -> dict[str, int]:
        """Return how many answers of each kind came so far. Raises what ended a visitor's work."""
        for task in self._tasks:
            if task.done():
                task.result()
        return dict(self.visitors.reads + self.visitors.writes)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _leave(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def ends(site: Site, talk: Talk, crowd: Crowd, name: str, report: Report) -> None:
    """Let one process end, and write down what everybody noticed."""
    before, typed_before = crowd.counts(), len(crowd.visitors.typed)
    crowd.visitors.slowest_s = 0.0
    rec = Recorded(talk)
    rec.watch(1)
    watch, log_from = Watch(talk), len(site.stack.log)
    work = threading.Thread(target=site.roll if name == ROLLING else partial(site.end, name))
    work.start()
    while work.is_alive():
        rec.watch(0.5)
    took_s = time.monotonic() - watch.begun
    rec.watch(WATCH_S)
    watch.end(f"the end of {name}")
    answers = {code: n - before.get(code, 0) for code, n in crowd.counts().items()}
    failed = {code: n for code, n in answers.items() if n and code not in ("200", "302")}
    typed = crowd.visitors.typed[typed_before:]
    kept = [text for text in site.kept() if text in set(typed)]
    cells = [
        name,
        f"{took_s:.1f} s",
        str(sum(answers.values())),
        ", ".join(f"{n} × {code}" for code, n in failed.items()) or "0",
        f"{crowd.visitors.slowest_s:.1f} s",
        f"{len(typed)}, {len(kept)}",
        *watch.cells,
        rec.story(watch.begun),
    ]
    faults = watch.faults(is_on_the_way=name == "relay")
    if failed:
        faults.append(f"requests failed: {failed}")
    if rec.ends_with != "REC":
        faults.append(f"at the end the recording is {rec.ends_with or 'not shown'}")
    if sorted(kept) != sorted(typed):
        faults.append(f"{len(typed)} posts were told to be kept, {len(kept)} are there")
    if "is killed" in site.stack.log[log_from:]:
        faults.append("something did not end by itself")
    report.add(cells, faults)


def run(listeners: int, names: list[str], report: Report) -> None:
    folder = temporary_folder("chaos")
    with running_site(folder) as site, sync_playwright() as playwright:
        cookies = site.webs.shell(COOKIES)
        chromium = Chromium(playwright, folder)
        town = Town(site, chromium, folder)  # type: ignore[arg-type]  # It asks for `url` alone.
        talk = Talk(site.url, town, listeners)
        talk.is_recorded(site.stack)
        crowd = Crowd(site.url, cookies)
        try:
            for name in names:
                ends(site, talk, crowd, name, report)
        finally:
            crowd.close()
            talk.audience.close()
            chromium.close()


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.restarts", description=__doc__)
    parser.add_argument("--listeners", type=int, default=50)
    parser.add_argument("--ended", nargs="+", default=list(ENDED), choices=ENDED)
    chosen = parser.parse_args()
    heads = (
        "ended",
        "until the next serves",
        "requests",
        "failed",
        "slowest",
        "posts told, kept",
        *HEADS,
        "REC",
    )
    report = Report(heads, chosen.listeners)
    run(chosen.listeners, chosen.ended, report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
