"""The database as Django's settings name it, and how its connections are made and kept."""

from typing import Any

import environ

# A page takes the connection of the one before it, which is as long as making a page takes.
KEPT_S = 60


# Any: Django's settings.
def settings_of(url: str) -> dict[str, Any]:
    found: dict[str, Any] = {**environ.Env.db_url_config(url)}
    found.setdefault("CONN_MAX_AGE", KEPT_S)
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
        return found
    found["ENGINE"] = "config.db.postgresql"  # Waits as config/db/patience.py says.
    found["CONN_HEALTH_CHECKS"] = True  # One that was kept may have been lost meanwhile.
    # A server that is frozen takes connections and says nothing; libpq's own default is for ever.
    found.setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
    return found
