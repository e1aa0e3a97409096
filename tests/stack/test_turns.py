"""Who is marked `alone` has the machine alone; all others share it."""

import fcntl
from pathlib import Path

import pytest

from tests.stack.turns import turn


@pytest.fixture
def path(tmp_path: Path) -> str:
    path = tmp_path / "turns"
    path.touch()
    return str(path)


def must_wait(path: str, *, alone: bool) -> bool:
    """Ask for a turn as `turn` does, but go away where it would wait."""
    with open(path, "rb") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_it_lets_tests_run_beside_each_other(path: str) -> None:
    with turn(path, alone=False), turn(path, alone=False):
        assert not must_wait(path, alone=False)


@pytest.mark.parametrize(("now", "then"), [(True, False), (False, True), (True, True)])
def test_it_keeps_the_next_one_waiting_when_one_of_them_is_alone(
    path: str, now: bool, then: bool
) -> None:
    with turn(path, alone=now):
        assert must_wait(path, alone=then)
    assert not must_wait(path, alone=then)


def test_it_asks_for_no_turn_where_there_is_one_worker() -> None:
    with turn(None, alone=True), turn(None, alone=True):
        pass
