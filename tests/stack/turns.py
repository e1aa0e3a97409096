"""Turns: the workers of a run share the machine, except while a test that is marked `alone` has it
for itself.

What RULES promise in seconds is measured on a machine that does nothing else. Every test locks one
file of the run: together with others, or for itself. Hooks of pytest, imported by
tests/conftest.py.
"""

import fcntl
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

TURNS = pytest.StashKey[str]()


@pytest.hookimpl(optionalhook=True)
# Any: pytest-xdist has no types. Called for each worker, in the parent.
def pytest_configure_node(node: Any) -> None:
    stash = node.config.stash
    if TURNS not in stash:
        descriptor, stash[TURNS] = tempfile.mkstemp(prefix="parley-turns-")
        os.close(descriptor)
    node.workerinput["turns"] = stash[TURNS]


def pytest_unconfigure(config: pytest.Config) -> None:
    if TURNS in config.stash:
        os.unlink(config.stash[TURNS])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what must run alone at the end: waiting for it would stop all workers, and there they
    have nothing to do.
    """
    items.sort(key=is_alone)


def is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


# Around the test's time limit: that is not for waiting.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with turn(getattr(item.config, "workerinput", {}).get("turns"), alone=is_alone(item)):
        return (yield)


@contextmanager
def turn(path: str | None, *, alone: bool) -> Iterator[None]:
    """Hold the file at `path`, for oneself or with others. Without a path there is only one worker."""
    if path is None:
        yield
        return
    with open(path, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
