"""How long a process waits for PostgreSQL.

A page that hangs helps nobody, so the webs and the workers say how long they wait; a command that
an operator runs (`prepare`, `migrate`) waits as long as it takes. SQLite has its own limit in the
settings.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Seconds, each for one statement.

    `lock_s` and `statement_s` are kept by the server, which cancels what takes longer; `answer_s`
    by ourselves: a server that is frozen, or a network that swallows everything, keeps no limit.
    """

    lock_s: float
    statement_s: float
    answer_s: float


# The statements of a page take milliseconds. All three together are less than a visitor waits.
OF_A_WEB = Patience(lock_s=5, statement_s=8, answer_s=9)
# A sweep may go through a whole table; it must not be longer than a task (CELERY_TASK_TIME_LIMIT).
OF_A_WORKER = Patience(lock_s=30, statement_s=120, answer_s=130)

_ours: Patience | None = None


def have(patience: Patience | None) -> None:
    """Say how long this process, and those that it forks, wait; None is for ever.

    Counts for connections that are made from now on.
    """
    global _ours  # noqa: PLW0603 (One a process, as the connections are one a thread.)
    _ours = patience


def ours() -> Patience | None:
    return _ours
