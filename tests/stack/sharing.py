"""How tests are shared out among workers: one by one, but a module with something costly of its own
stays in one.

pytest-xdist has a mark for that (`xdist_group`), but with pytest 9 the mark no longer reaches its
scheduler.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadGroupScheduling

# Each has a stack, a server, a film or a collection of files that all its tests use.
TOGETHER = {
    "tests/test_architecture.py",
    "tests/config/supervisor/test_main.py",
    "tests/config/db/test_full_text.py",
    "tests/config/http/test_static_storage.py",
    "tests/config/test_two_webs.py",
    "tests/demo/test_bot.py",
    "tests/parts/test_missing.py",
    "tests/parts/test_postgres.py",
    "tests/media_relay/egress/test_clip.py",
}


class Sharing(LoadGroupScheduling):  # type: ignore[misc]  # pytest-xdist has no types.
    """The largest modules of TOGETHER first, then all other tests in their order."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what is given to a worker in one piece."""
        path = nodeid.split("::")[0]
        return path if path in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
# Any: pytest-xdist's.
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing | None:
    """Return ours for `--dist loadgroup`; None leaves the choice to pytest-xdist."""
    return Sharing(config, log) if config.getvalue("dist") == "loadgroup" else None
