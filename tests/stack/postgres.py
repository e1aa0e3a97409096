"""A PostgreSQL of its own for a proof: the machine's binaries, a private cluster in a temporary
folder.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.stack.parley import free_port

# Debian and Ubuntu keep `initdb` and `postgres` off the PATH.
USUAL_PLACE = Path("/usr/lib/postgresql")
# The server refuses to run as root; one of these runs it then.
SERVER_USERS = ("postgres", "nobody")
OPTIONS = {"max_connections": "150", "listen_addresses": "127.0.0.1", "fsync": "off"}


def binaries() -> Path | None:
    """Return the folder of the newest `postgres` on this machine, or None."""
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    found = [path.parent for path in USUAL_PLACE.glob("*/bin/postgres")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


class Postgres:
    """One cluster that can be stopped and started again on the same port."""

    def __init__(self, binaries: Path, home: Path) -> None:
        """Find the cluster in `home`, or make it."""
        self._binaries = binaries
        self._home = home
        self._user = _server_user()
        self._port = str(free_port())
        self.is_new = not (home / "data").exists()
        if not self.is_new:
            return
        if self._user is not None:
            shutil.chown(home, self._user)
        make = ("-D", home / "data", "-U", "parley", "-A", "trust", "-E", "UTF8", "--locale=C")
        _run(binaries / "initdb", *make, user=self._user)

    @property
    def url(self) -> str:
        return f"postgres://parley@127.0.0.1:{self._port}/parley"

    def start(self) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
        options += f" -p {self._port} -c unix_socket_directories={self._home}"
        self._control("-o", options, "start")

    def create(self) -> None:
        """Make the empty database that `url` names."""
        place = ("-h", "127.0.0.1", "-p", self._port, "-U", "parley", "parley")
        _run(self._binaries / "createdb", *place, user=self._user)

    def stop(self) -> None:
        """End it at once, as a crash would."""
        self._control("-m", "immediate", "stop")

    def shut_down(self) -> None:
        """End it with everything on disk."""
        self._control("-m", "fast", "stop")

    def freeze(self) -> None:
        """Stop all of its processes: the kernel takes connections, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """The first one makes the others: once it is stopped there are no new ones."""
        first = int((self._home / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(first, number)
        for child in Path(f"/proc/{first}/task/{first}/children").read_text().split():
            with suppress(ProcessLookupError):  # It was ending.
                os.kill(int(child), number)

    def _control(self, *what: str) -> None:
        places = ("-D", self._home / "data", "-w", "-l", self._home / "log")
        _run(self._binaries / "pg_ctl", *places, *what, user=self._user)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the DATABASE_URL of an empty database that dies with the block.

    FileNotFoundError: no binaries.
    """
    with postgres_server() as server:
        yield server.url


@contextmanager
def kept_postgres(home: Path) -> Iterator[str]:
    """Yield the DATABASE_URL of a database in `home` that stays there for the next time.

    FileNotFoundError: no binaries.
    """
    home.mkdir(parents=True, exist_ok=True)
    server = Postgres(_required_binaries(), home)
    server.start()
    try:
        if server.is_new:
            server.create()
        yield server.url
    finally:
        server.shut_down()


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Yield a cluster with an empty database. FileNotFoundError: no binaries."""
    folder = _required_binaries()
    home = Path(tempfile.mkdtemp(prefix="parley-postgres-"))
    try:
        server = Postgres(folder, home)
        server.start()
        try:
            server.create()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _required_binaries() -> Path:
    folder = binaries()
    if folder is None:
        raise FileNotFoundError(
            "PostgreSQL is not installed: `sudo apt-get install postgresql` brings it."
        )
    return folder


def _server_user() -> str | None:
    """Return whom to run the server as, or None for ourselves."""
    if os.getuid() != 0:
        return None
    known = {line.split(":", 1)[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return next(name for name in SERVER_USERS if name in known)


def _run(*command: str | Path, user: str | None) -> None:
    argv = [str(part) for part in command]
    subprocess.run(argv, user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)
