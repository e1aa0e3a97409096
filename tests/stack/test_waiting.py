"""Waiting looks often at first and rarely later, and says what it waited for in vain."""

import time
from itertools import pairwise

import pytest

from tests.stack.waiting import POLL_S, SLOWEST_POLL_S, stays, until, wait_until


def test_it_returns_what_it_waited_for_at_once() -> None:
    assert wait_until(lambda: "there", "it", 0) == "there"


def test_it_says_what_did_not_come_and_what_was_there_instead() -> None:
    with pytest.raises(TimeoutError, match=r"Not within 0\.05 s: the bus \(last saw \[\]\)"):
        wait_until(lambda: [], "the bus", 0.05)


async def test_it_waits_in_a_loop_as_well() -> None:
    answers = iter([0, 0, 7])
    assert await until(lambda: next(answers), "seven") == 7
    with pytest.raises(TimeoutError, match="eight"):
        await until(lambda: 0, "eight", 0.02)


def test_it_looks_less_often_the_longer_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    now, looks = [0.0], []
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda pause_s: now.__setitem__(0, now[0] + pause_s))

    def look() -> None:
        looks.append(now[0])

    with pytest.raises(TimeoutError):
        wait_until(look, "never", 60)
    pauses = [later - sooner for sooner, later in pairwise(looks)]
    assert pauses[0] == pytest.approx(POLL_S)
    assert pauses[-1] == pytest.approx(SLOWEST_POLL_S)
    assert all(later > sooner - 1e-9 for sooner, later in pairwise(pauses))


async def test_it_sees_when_something_does_not_stay() -> None:
    answers = iter([True, True, False])
    with pytest.raises(AssertionError, match="quiet"):
        await stays(lambda: next(answers), "quiet", 5)
