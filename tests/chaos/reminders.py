"""`python -m tests.chaos.reminders` (`make chaos-reminders`): is everybody reminded exactly once
while things break?

A Space that 10 000 people wait for goes live. Meanwhile its worker, or one process of it, is killed
20 times at random moments of the work, two beats send the same work twice, and the broker is
flushed once. Then each of the 10 000 must have one alert, on SQLite and on PostgreSQL. Ends with 1
if anybody has none or two.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

from tests.bench.meter import machine, percentile
from tests.bench.report import table
from tests.stack import postgres
from tests.stack.endings import end_on_sigterm
from tests.stack.folders import temporary_folder
from tests.stack.parley import ROOT
from tests.stack.valkey import running_valkey

DATABASES = ("sqlite", "postgresql")
HEADS = (
    "database",
    "people",
    "told once",
    "twice",
    "missing",
    "kills",
    "of all of it",
    "late p50",
    "p99",
    "most",
)


def database(name: str) -> AbstractContextManager[str]:
    """Return a block that yields the DATABASE_URL; empty is the product's default, SQLite in
    DATA_DIR.
    """
    return postgres.running_postgres() if name == "postgresql" else nullcontext("")


# Any: the fields of `Outcome`.
def measure(name: str, people: int, kills: int, seed: int) -> dict[str, Any]:
    with running_valkey() as valkey, database(name) as url:
        folder = temporary_folder("chaos")
        changes = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "REDIS_URL": valkey.url,
            "DEMO": "0",
        }
        environment = {**os.environ, **changes, "DJANGO_SETTINGS_MODULE": "config.settings"}
        _python(environment, "manage.py", "migrate", "--skip-checks", "--verbosity", "0")
        words = (str(people), str(kills), str(seed))
        found: dict[str, Any] = json.loads(
            _python(environment, "-m", "tests.chaos.subscribers", *words).splitlines()[-1]
        )
    return found


def cells(name: str, found: dict[str, Any]) -> list[str]:  # Any: the fields of `Outcome`.
    fields = ("people", "told_once", "told_twice", "missing", "kills", "whole")
    late = found["lateness_s"]
    times = [f"{time:.1f} s" for time in (percentile(late, 0.5), percentile(late, 0.99), max(late))]
    return [name, *(str(found[field]) for field in fields), *times]


def _python(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.reminders", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--databases", nargs="+", default=list(DATABASES), choices=DATABASES)
    chosen = parser.parse_args()
    rows, is_right = [], True
    for name in chosen.databases:
        if name == "postgresql" and postgres.binaries() is None:
            print(
                "PostgreSQL is left out: it is not installed (`sudo apt-get install postgresql`)."
            )
            continue
        found = measure(name, chosen.people, chosen.kills, chosen.seed)
        is_right &= found["told_once"] == found["people"]
        rows.append(cells(name, found))
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    print(
        f"Two beats, one flush of the broker, seed {chosen.seed}. Measured {when} on {machine()}.\n"
    )
    print(table(HEADS, rows))
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
