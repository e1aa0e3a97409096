"""The real product as a child process: what `make run` starts, on free ports, with a data folder of
its own.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stack import processes
from tests.stack.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
# The first start migrates and makes the demo people, on a machine that is busy with tests.
START_TIMEOUT_S = 180
STOP_TIMEOUT_S = 20
LOG_TAIL_LINES = 80


@dataclass
class Parley:
    """One running stack. `log` is everything its processes printed."""

    process: "subprocess.Popen[bytes]"
    port: int
    data_dir: Path
    log_path: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def log_tail(self) -> str:
        return "\n".join(self.log.splitlines()[-LOG_TAIL_LINES:])

    @property
    def record(self) -> dict[str, Any]:
        """What `manage.py run` says about itself (`run.json`); empty while there is none."""
        try:
            found: dict[str, Any] = json.loads((self.data_dir / "run.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    def is_ready(self) -> bool:
        """Return whether every process serves.

        Raises AssertionError with the log if the supervisor has ended.
        """
        if self.process.poll() is not None:
            raise AssertionError(
                f"Parley ended with {self.process.returncode} while starting:\n{self.log_tail()}"
            )
        return bool(self.record.get("ready"))

    def pid(self, name: str) -> int:
        """Return the id of the process `name`: web, worker, beat, relay or valkey."""
        return int(self.record["pids"][name])

    def kill(self, name: str) -> None:
        """Kill one process without warning; the supervisor starts it again."""
        os.kill(self.pid(name), signal.SIGKILL)

    def terminate(self, name: str) -> None:
        """Ask one process to end, as `systemctl restart` does; the supervisor starts it again."""
        os.kill(self.pid(name), signal.SIGTERM)

    def pause(self, name: str) -> None:
        """Freeze one process, as a machine that swaps does; `resume` lets it go on."""
        os.kill(self.pid(name), signal.SIGSTOP)

    def resume(self, name: str) -> None:
        os.kill(self.pid(name), signal.SIGCONT)

    def stop(self) -> None:
        """Stop by SIGTERM as `systemctl stop` would.

        Raises AssertionError if it hangs or leaves a process behind.
        """
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            self._kill_all()
            raise AssertionError(
                f"Parley did not stop in {STOP_TIMEOUT_S} s:\n{self.log_tail()}"
            ) from error
        try:
            wait_until(lambda: not processes.of_data_dir(self.data_dir), "no process is left", 2)
        except TimeoutError as error:
            orphans = processes.of_data_dir(self.data_dir)
            self._kill_all()
            raise AssertionError(f"Parley left processes behind: {orphans}") from error

    def shell(self, code: str) -> None:
        """Run Python code beside the stack, on its database and Valkey."""
        places = {
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "REDIS_URL": self.record["redis_url"],
        }
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, **places}, check=True, stdout=subprocess.DEVNULL
        )

    def tracebacks(self) -> list[str]:
        """Return what went wrong inside the stack while it ran: each traceback's last frame and its
        error.
        """
        found: list[str] = []
        # Lines of several processes alternate.
        for name in set(re.findall(r"^(\w+) +\| ", self.log, re.MULTILINE)):
            lines = re.findall(rf"^{name} +\| (.*)$", self.log, re.MULTILINE)
            starts = [
                number
                for number, line in enumerate(lines)
                if line.startswith("Traceback (most recent call last)")
            ]
            for start in starts:
                end = next(
                    (n for n in range(start + 1, len(lines)) if not lines[n].startswith(" ")),
                    len(lines) - 1,
                )
                found.append(f"{name}: " + "\n".join(lines[max(start, end - 6) : end + 1]))
        return found

    def _kill_all(self) -> None:
        for pid in processes.of_data_dir(self.data_dir):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()


def start(data_dir: Path, settings: Mapping[str, str] | None = None) -> Parley:
    """Start the stack and return it when the site answers.

    Raises AssertionError with the log if it does not.
    """
    port = free_port()
    log_path = data_dir / "run.log"
    environment = os.environ | {
        "PORT": str(port),
        "DATA_DIR": str(data_dir),
        "RELAY_ADDRESSES": "127.0.0.1",
        "RELAY_PORT": "0",
        "PYTHONUNBUFFERED": "1",
        **(settings or {}),
    }
    for name in ("DJANGO_SETTINGS_MODULE", "PARLEY_MODE", "DATABASE_URL", "REDIS_URL"):
        if name not in (settings or {}):
            # What the test runner set for itself is not for the product.
            environment.pop(name, None)
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    parley = Parley(process, port, data_dir, log_path)
    try:
        wait_until(parley.is_ready, "Parley is ready", START_TIMEOUT_S)
    except TimeoutError as error:
        parley.stop()
        raise AssertionError(
            f"Parley was not ready after {START_TIMEOUT_S} s:\n{parley.log_tail()}"
        ) from error
    return parley


def free_port() -> int:
    """Return a TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
