"""The database as Django's settings name it, and how its connections are made and kept."""

from contextlib import suppress
from typing import Any

import environ
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

# A page takes the connection of the one before it: PostgreSQL is as long at making one as a page.
KEPT_S = 60


# Any: Django's settings.
def settings_of(url: str) -> dict[str, Any]:
    found: dict[str, Any] = {**environ.Env.db_url_config(url)}
    if found["ENGINE"].endswith("sqlite3"):
        # IMMEDIATE takes the write lock when a transaction begins; without it two writers that
        # read first fail with "database is locked" at once, whatever the timeout (SQLite docs,
        # "Deferred transactions").
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            # Seconds. Longer than any write of ours; then who waits is told
            # (config/missing_parts.py).
            "timeout": 10,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
            ),
        }
        # Not kept, for 2 ms a page: it would go on in a file that was exchanged or made read-only
        # as if nothing were.
        return found
    found.setdefault("CONN_MAX_AGE", KEPT_S)
    found["ENGINE"] = "config.db.postgresql"  # Waits as config/db/patience.py says.
    found["CONN_HEALTH_CHECKS"] = True  # One that was kept may have been lost meanwhile.
    # A server that is frozen takes connections and says nothing; libpq's own default is for ever.
    found.setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
    return found


def hold() -> BaseDatabaseWrapper | None:
    """Open a connection to SQLite that asks nothing; None elsewhere, or if it cannot be opened.

    The last connection to close takes the log and its index away, and on a full disk the next one
    could not make them again, not even to read.
    """
    if connection.vendor != "sqlite":
        return None
    held = connection.copy()
    with suppress(OperationalError):  # Pages say what is the matter.
        held.connect()
        return held
    return None
