"""A PostgreSQL of its own for a proof: the machine's binaries, a private cluster in a temporary
folder.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the DATABASE_URL of an empty database that dies with the block.

    FileNotFoundError: no binaries.
    """
    folder = binaries()
    if folder is None:
        raise FileNotFoundError(
            "PostgreSQL is not installed: `sudo apt-get install postgresql` brings it."
        )
    home = Path(tempfile.mkdtemp(prefix="parley-postgres-"))
    user = _server_user()
    if user is not None:
        shutil.chown(home, user)
    port = str(free_port())
    try:
        _run(
            folder / "initdb",
            "-D",
            home / "data",
            "-U",
            "parley",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            user=user,
        )
        options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
        options += f" -p {port} -c unix_socket_directories={home}"
        control = (folder / "pg_ctl", "-D", home / "data", "-w", "-l", home / "log")
        _run(*control, "-o", options, "start", user=user)
        try:
            _run(
                folder / "createdb",
                "-h",
                "127.0.0.1",
                "-p",
                port,
                "-U",
                "parley",
                "parley",
                user=user,
            )
            yield f"postgres://parley@127.0.0.1:{port}/parley"
        finally:
            _run(*control, "-m", "immediate", "stop", user=user)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _server_user() -> str | None:
    """Return whom to run the server as, or None for ourselves."""
    if os.getuid() != 0:
        return None
    known = {line.split(":", 1)[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return next(name for name in SERVER_USERS if name in known)


def _run(*command: str | Path, user: str | None) -> None:
    argv = [str(part) for part in command]
    subprocess.run(argv, user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)
