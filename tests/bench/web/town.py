"""The database that is measured on: filled once, and kept for the next time if it has a folder."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.web.load import Viewer
from tests.stack.parley import ROOT
from tests.stack.postgres import kept_postgres
from tests.stack.valkey import running_valkey

VIEWERS = "viewers.json"  # Written last.


@dataclass(frozen=True)
class Town:
    """`environment`: what a process needs to serve it, but a Redis and a port."""

    environment: dict[str, str]
    viewers: list[Viewer]
    people: int


@contextmanager
def town(folder: Path, posts: int, people: int, sqlite: bool) -> Iterator[Town]:
    """Yield the town in `folder`, made if it is not there or is another one."""
    name = f"{'sqlite' if sqlite else 'postgres'}-{posts}-{people}"
    home = folder / name
    if not (home / VIEWERS).exists():
        shutil.rmtree(home, ignore_errors=True)  # Filling it was broken off.
    home.mkdir(parents=True, exist_ok=True)
    if sqlite:
        yield _filled(home, f"sqlite:///{home}/parley.sqlite3", posts, people)
        return
    with kept_postgres(home / "postgres") as url:
        yield _filled(home, url, posts, people)


def _filled(home: Path, database: str, posts: int, people: int) -> Town:
    data = home / "data"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database,
        "DATA_DIR": str(data),
    }
    environment.pop("PARLEY_MODE", None)
    known = home / VIEWERS
    with running_valkey() as valkey:
        at_valkey = {**environment, "REDIS_URL": valkey.url}
        subprocess.run(
            [sys.executable, "manage.py", "prepare"], cwd=ROOT, env=at_valkey, check=True
        )
        if not known.exists():
            begun = time.monotonic()
            seed = [sys.executable, "-m", "tests.bench.web.seed", str(posts), str(people)]
            done = subprocess.run(seed, cwd=ROOT, env=at_valkey, check=True, stdout=subprocess.PIPE)
            known.write_bytes(done.stdout)
            print(f"Seeded in {time.monotonic() - begun:.0f} s.")
    return Town(environment, [Viewer(**one) for one in json.loads(known.read_text())], people)
