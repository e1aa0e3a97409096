"""Whether migrations, static files and demo data must be prepared before the first request.

A second start should be fast, and asking Django costs more than a second. So the parent compares a
fingerprint of everything that could call for work with that of the last time the work was done.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from config.env import ROOT, Environment

_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Preparation:
    """The set-up of one data folder."""

    env: Environment

    def is_needed(self) -> bool:
        """True unless the same code has already prepared the same database."""
        found = fingerprint(self.env)
        stamp = _stamp(self.env)
        return found is None or not stamp.exists() or stamp.read_text() != found

    def remember(self) -> None:
        """Note that the work is done for the database as it is now."""
        _stamp(self.env).write_text(fingerprint(self.env) or "")


def fingerprint(env: Environment) -> str | None:
    """Return a digest of what a preparation depends on.

    None if that cannot be known cheaply, as on a database server.
    """
    if env.is_production or not env.database_url.startswith(_SQLITE):
        return None
    database = Path(env.database_url[len(_SQLITE) :])
    # A deleted or replaced file is another database: its inode tells.
    inode = database.stat().st_ino if database.exists() else 0
    digest = hashlib.sha256()
    digest.update(repr((env.demo, env.demo_accounts, (str(database), inode))).encode())
    for path in sorted(_sources()):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _sources() -> list[Path]:
    migrations = [
        path
        for app in ("accounts", "posts", "spaces")
        for path in (ROOT / app / "migrations").glob("*.py")
    ]
    return [
        *migrations,
        *(ROOT / "config" / "dev" / "demo").rglob("*.py"),
        ROOT / "requirements.txt",
    ]


def _stamp(env: Environment) -> Path:
    return env.data_dir / "prepared"
