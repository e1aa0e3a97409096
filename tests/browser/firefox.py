"""Debian's Firefox, driven by its own Marionette protocol: Playwright drives only a build of its own.

A message is its length in ASCII, a colon, and JSON: [0, id, command, parameters] there,
[1, id, error, result] back (firefox-source-docs, testing/marionette/Protocol).
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.screen import POLL_MS
from tests.stack.parley import free_port

PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}
START_S = 60


def executable() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One browser with one tab and a profile of its own."""

    def __init__(self, folder: Path) -> None:
        program = executable()
        assert program is not None
        port = free_port()
        lines = {**PREFERENCES, "marionette.port": port}
        (folder / "user.js").write_text(
            "\n".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in lines.items())
        )
        with (folder / "firefox.log").open("wb") as log:
            self._process = subprocess.Popen(
                [program, "--headless", "--marionette", "--no-remote", "--profile", str(folder)],
                stdout=log,
                stderr=log,
            )
        self._asked = 0
        self._line = self._connect(port)
        self._reader = self._line.makefile("rb")
        self._read()  # It says who it is.
        self._ask("WebDriver:NewSession", {"capabilities": {}})

    def opens(self, url: str) -> None:
        self._ask("WebDriver:Navigate", {"url": url})

    def evaluate(self, script: str, *arguments: object) -> Any:  # Any: whatever JSON the page has.
        """Run the body of a function in the page."""
        return self._ask("WebDriver:ExecuteScript", {"script": script, "args": arguments})["value"]

    def clicks(self, selector: str) -> None:
        """Click as a person does, which unlocks sound."""
        found = self._ask("WebDriver:FindElement", {"using": "css selector", "value": selector})
        self._ask("WebDriver:ElementClick", {"id": next(iter(found["value"].values()))})

    def until(self, condition: Callable[[], Any], what: str, seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, f"Not within {seconds:g} s: {what}"
            time.sleep(POLL_MS / 1000)
        return value

    def close(self) -> None:
        self._reader.close()
        self._line.close()
        self._process.terminate()
        self._process.wait(START_S)

    def _connect(self, port: int) -> socket.socket:
        def try_once() -> socket.socket | None:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=START_S)
            except ConnectionRefusedError:
                return None

        line: socket.socket = self.until(try_once, "Firefox takes commands", START_S)
        return line

    def _ask(self, command: str, parameters: dict[str, object]) -> dict[str, Any]:
        self._asked += 1
        data = json.dumps([0, self._asked, command, parameters]).encode()
        self._line.sendall(b"%d:%s" % (len(data), data))
        _, _, error, result = self._read()
        assert error is None, error
        return dict(result or {})

    def _read(self) -> Any:  # Any: a list, or the greeting.
        length = b""
        while (byte := self._reader.read(1)) != b":":
            assert byte, "Firefox has closed the line."
            length += byte
        return json.loads(self._reader.read(int(length)))
