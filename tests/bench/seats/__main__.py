"""`python -m tests.bench.seats` (`make seats`): 64 people are approved at once for the last seat,
again and again.

On SQLite and on PostgreSQL, by transactions of four processes with 16 threads each. After every
round: one winner, 63 refused with `stage_full` and still in line, 13 rows, and no policy at the
relay that names a 14th publisher.
"""

import argparse
import json
import os
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

HEADS = ("database", "rounds", "approvals", "seated", "stage_full", "round p50", "p99")
DATABASES = ("sqlite", "postgresql")


def database(name: str) -> AbstractContextManager[str]:
    """Return a block that yields the DATABASE_URL; empty is the product's default, SQLite in
    DATA_DIR.
    """
    return postgres.running_postgres() if name == "postgresql" else nullcontext("")


def measure(name: str, rounds: int) -> list[str]:
    """Return the table's cells. Raises CalledProcessError if a round did not hold."""
    with running_valkey() as valkey, database(name) as url:
        folder = temporary_folder("seats")
        changes = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "REDIS_URL": valkey.url,
            "DEMO": "0",
        }
        environment = {**os.environ, **changes, "DJANGO_SETTINGS_MODULE": "config.settings"}
        _python(environment, "manage.py", "migrate", "--skip-checks", "--verbosity", "0")
        found = json.loads(
            _python(environment, "-m", "tests.bench.seats.rounds", str(rounds)).splitlines()[-1]
        )
    return cells(name, found)


def cells(name: str, found: dict[str, Any]) -> list[str]:  # Any: the fields of `rounds.Outcome`.
    counts = [str(found[field]) for field in ("rounds", "approvals", "seated", "stage_full")]
    times = [f"{percentile(found['round_ms'], share):.0f} ms" for share in (0.5, 0.99)]
    return [name, *counts, *times]


def _python(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def main() -> None:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.bench.seats", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--databases", nargs="+", default=list(DATABASES), choices=DATABASES)
    chosen = parser.parse_args()
    rows = []
    for name in chosen.databases:
        if name == "postgresql" and postgres.binaries() is None:
            print(
                "PostgreSQL is left out: it is not installed (`sudo apt-get install postgresql`)."
            )
            continue
        rows.append(measure(name, chosen.rounds))
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    load = os.getloadavg()[0]
    print(
        f"64 approvals at once for one seat. Measured {when} on {machine()}; load average at the end {load:.1f}.\n"
    )
    print(table(HEADS, rows))


if __name__ == "__main__":
    main()
