"""`make bench-pages`: what pages weigh and when they are painted, on an emulated slow phone.

    python -m tests.bench.pages [--commit COMMIT] [--rounds 3]

A phone of 360 × 740 with a quarter of this machine's speed, on a line of 1.6 Mbit/s and 150 ms.
Each visit is the first one of a new browser window; the second is by the same window. The site is what
`make run` starts, with the people and posts of the demo. Another commit is checked out beside this
one and measured after it. Counts and bytes are those of the last round, times are medians.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from tests.browser.chromium import executable
from tests.stack import parley

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).relative_to(ROOT)
PHONE = ViewportSize(width=360, height=740)
SLOWER = 4
LATENCY_MS, BYTES_PER_S = 150, 1_600_000 // 8
PAGES = {
    "home": "/",
    "explore": "/explore/",
    "profile": "/@maya/",
    "post": "/posts/1/",
    "Spaces": "/spaces/",
    "messages": "/messages/",
}
HANDLE, PASSWORD = "alice", "parley-demo"
SETTLED_MS = 1500
# What is painted first and largest, and how much moves: the browser tells only who listens.
PAINTS = """() => {
  window.moved = 0; window.largest = 0;
  const see = (type, on) => new PerformanceObserver((list) => list.getEntries().forEach(on))
    .observe({ type, buffered: true });
  see("layout-shift", (one) => { if (!one.hadRecentInput) window.moved += one.value; });
  see("largest-contentful-paint", (one) => { window.largest = one.startTime; });
}"""
FOUND = """() => ({
  first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  largest: window.largest, moved: window.moved,
})"""
Row = dict[str, float]


class Line:
    """Counts what comes over a slow line."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.asked: set[str] = set()
        self.sent = self.decoded = 0
        self.cdp.send("Network.enable")
        self.cdp.send("Network.setBypassServiceWorker", {"bypass": True})
        self.cdp.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY_MS,
                "downloadThroughput": BYTES_PER_S,
                "uploadThroughput": BYTES_PER_S,
            },
        )
        self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        self.cdp.on("Network.responseReceived", self._on_answer)
        self.cdp.on("Network.dataReceived", self._on_data)
        self.cdp.on("Network.loadingFinished", self._on_end)

    def _on_answer(self, event: dict[str, Any]) -> None:  # Any: the protocol's JSON.
        answer = event["response"]
        if answer["url"].startswith("http") and not answer.get("fromDiskCache"):
            self.asked.add(event["requestId"])

    def _on_data(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.asked:
            self.decoded += event["dataLength"]

    def _on_end(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.asked:
            self.sent += int(event["encodedDataLength"])


def measure(rounds: int) -> dict[str, Row]:
    """Return the figures of each page of this checkout."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        site = parley.start(Path(folder))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=executable(), args=["--no-sandbox"]
                )
                cookies = log_in(browser, site.url)
                found = {
                    name: [visit(browser, cookies, site.url + path) for _ in range(rounds)]
                    for name, path in PAGES.items()
                }
                browser.close()
        finally:
            site.stop()
    return {
        name: {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        for name, rows in found.items()
    }


def log_in(browser: Browser, url: str) -> Any:  # Any: Playwright's cookies and storage.
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/account/login/")
    page.fill("[name=login]", HANDLE)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{url}/")
    state = context.storage_state()
    context.close()
    return state


def visit(browser: Browser, cookies: Any, url: str) -> Row:  # Any: as above.
    context = browser.new_context(viewport=PHONE, has_touch=True, storage_state=cookies)
    context.add_init_script(f"({PAINTS})()")
    page = context.new_page()
    first = Line(page)
    page.goto(url, wait_until="load", timeout=120_000)
    page.wait_for_timeout(SETTLED_MS)
    paints: dict[str, float] = page.evaluate(FOUND)
    row = {"requests": len(first.asked), "sent": first.sent, "decoded": first.decoded, **paints}
    page.goto("about:blank")
    second = Line(page)
    page.goto(url, wait_until="load", timeout=120_000)
    page.wait_for_timeout(SETTLED_MS)
    context.close()
    return {**row, "again": len(second.asked), "sent again": second.sent}


def table(found: dict[str, dict[str, Row]]) -> None:
    print(
        "| page | commit | requests | sent | decoded | first paint | largest paint | layout shift"
        " | sent again |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for page in PAGES:
        for name, rows in found.items():
            row = rows[page]
            print(
                f"| {page} | {name} | {row['requests']:.0f} | {row['sent'] / 1000:.0f} kB"
                f" | {row['decoded'] / 1000:.0f} kB | {row['first'] / 1000:.1f} s"
                f" | {row['largest'] / 1000:.1f} s | {row['moved']:.3f}"
                f" | {row['sent again'] / 1000:.0f} kB |"
            )


def run(checkout: Path, rounds: int) -> dict[str, Row]:
    command = [sys.executable, "-m", "tests.bench.pages", "--inside", "--rounds", str(rounds)]
    done = subprocess.run(command, cwd=checkout, check=True, stdout=subprocess.PIPE)
    found: dict[str, Row] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    parser.add_argument("--commit", help="measure this commit, too")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure(options.rounds)))
        return
    found = {"this": run(ROOT, options.rounds)}
    if options.commit:
        with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
            other = Path(folder) / "other"
            worktree = ("git", "-C", str(ROOT), "worktree")
            subprocess.run(
                [*worktree, "add", "-q", "--detach", str(other), options.commit], check=True
            )
            try:
                shutil.copy(ROOT / HERE, other / HERE)
                found[options.commit] = run(other, options.rounds)
            finally:
                subprocess.run([*worktree, "remove", "--force", str(other)], check=True)
    table(found)


if __name__ == "__main__":
    main()
