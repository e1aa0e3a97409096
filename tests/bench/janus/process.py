"""One Janus as a child process."""

import contextlib
import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.stack.folders import temporary_folder

LIBRARIES = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "janus"
# One a core. As shipped Janus has a thread for each listener, which costs it three times as much.
EVENT_LOOPS = 2


def is_installed() -> bool:
    return shutil.which("janus") is not None and LIBRARIES.is_dir()


def version() -> str:
    """Return its version, the last word of what it says first: `Janus version: 1102 (1.1.2)`."""
    found = subprocess.run(["janus", "--version"], capture_output=True, text=True, check=False)
    return (found.stdout + found.stderr).split("(", 1)[-1].split(")", 1)[0]


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class JanusProcess:
    """One Janus with nothing but one plugin and its WebSocket, configured in a folder of its own."""

    def __init__(self, plugin: str) -> None:
        self.folder = temporary_folder("janus")
        self.port = free_port(socket.SOCK_STREAM)
        self._write(plugin)
        with (self.folder / "log").open("wb") as log:
            command = [
                "janus",
                "-o",
                "-d",
                "2",
                "-F",
                str(self.folder),
                "-C",
                str(self.folder / "janus.jcfg"),
            ]
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def listens(self) -> bool:
        """Whether its WebSocket is there."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
            return True
        return False

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, plugin: str) -> None:
        others = [
            each.name
            for each in (LIBRARIES / "plugins").glob("*.so")
            if f"_{plugin}." not in each.name
        ]
        transports = [
            each.name
            for each in (LIBRARIES / "transports").glob("*.so")
            if "websockets" not in each.name
        ]
        (self.folder / "janus.jcfg").write_text(f"""
            general: {{ configs_folder = "{self.folder}" plugins_folder = "{LIBRARIES}/plugins"
                transports_folder = "{LIBRARIES}/transports" events_folder = "{LIBRARIES}/events"
                loggers_folder = "{LIBRARIES}/loggers" session_timeout = 0 event_loops = {EVENT_LOOPS} }}
            media: {{ ipv6 = false }}
            plugins: {{ disable = "{",".join(others)}" }}
            transports: {{ disable = "{",".join(transports)}" }}
        """)
        (self.folder / "janus.transport.websockets.jcfg").write_text(
            f'general: {{ ws = true ws_port = {self.port} ws_ip = "127.0.0.1" }}'
        )
        (self.folder / f"janus.plugin.{plugin}.jcfg").write_text("general: { }")
