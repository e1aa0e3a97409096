"""Real web processes on one database and one Valkey, each started and stopped on its own."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stack.parley import ROOT, free_port
from tests.stack.valkey import running_valkey
from tests.stack.waiting import wait_until

START_S = 90
MANAGE = (sys.executable, "manage.py")


@dataclass
class Webs:
    """`ports` are those of the webs, `environ` is what each is started with."""

    ports: tuple[int, ...]
    environ: Mapping[str, str]
    running: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def url(self, number: int, path: str) -> str:
        return f"http://localhost:{self.ports[number % len(self.ports)]}{path}"

    def start(self, number: int) -> None:
        """Start one; it serves when `wait_ready` returns."""
        argv = [sys.executable, "-m", "config.web_server", "-b", "127.0.0.1"]
        port = str(self.ports[number])
        self.running[number] = subprocess.Popen([*argv, "-p", port], cwd=ROOT, env=self.environ)

    def wait_ready(self, number: int) -> None:
        """Return when it answers `/healthz`."""
        wait_until(lambda: self.answers(number), f"web {number} answers", START_S)

    def terminate(self, number: int) -> "subprocess.Popen[bytes]":
        """Ask one to end, as `systemctl stop` does; the caller waits for it."""
        process = self.running.pop(number)
        process.send_signal(signal.SIGTERM)
        return process

    def shell(self, code: str) -> Any:  # Any: what the code prints as JSON.
        """Run Python code beside the webs and return what it prints, read as JSON."""
        command = [*MANAGE, "shell", "-v", "0", "-c", code]
        told = subprocess.run(
            command, cwd=ROOT, env=self.environ, check=True, stdout=subprocess.PIPE
        ).stdout
        return json.loads(told)

    def answers(self, number: int) -> bool:
        process = self.running.get(number)  # None: started by somebody else.
        assert process is None or process.poll() is None, f"Web {number} ended while starting."
        try:
            with urllib.request.urlopen(self.url(number, "/healthz"), timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def running_webs(
    folder: Path, count: int = 2, settings: Mapping[str, str] | None = None
) -> Iterator[Webs]:
    """Yield so many webs that serve, with an empty database; they die with the block."""
    ports = tuple(free_port() for _ in range(count))
    with running_valkey() as valkey:
        environ = {
            **os.environ,
            "DATA_DIR": str(folder),
            "REDIS_URL": valkey.url,
            "DEMO": "0",
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ORIGINS": ",".join(f"http://localhost:{port}" for port in ports),
            **(settings or {}),
        }
        subprocess.run(
            [*MANAGE, "migrate", "--skip-checks", "-v", "0"], cwd=ROOT, env=environ, check=True
        )
        webs = Webs(ports, environ)
        try:
            for number in range(count):
                webs.start(number)
            for number in range(count):
                webs.wait_ready(number)
            yield webs
        finally:
            for process in webs.running.values():
                process.terminate()
            for process in webs.running.values():
                process.wait(20)
