"""Sixty-four approvals for one seat at the same moment. `python -m tests.bench.seats` is the long proof."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests.bench.seats import race

ROUNDS = 3


@pytest.mark.django_db(transaction=True)
def test_it_seats_one_when_sixty_four_are_approved_at_once() -> None:
    room = race.prepare()
    start = threading.Barrier(race.CONTENDERS)

    def approve(approval: race.Approval) -> str:
        start.wait(60)
        return race.approve(approval)

    with ThreadPoolExecutor(race.CONTENDERS, initializer=_closes_at_the_end) as pool:
        for _ in range(ROUNDS):
            winner = room.check(list(pool.map(approve, room.approvals())))
            room.put_back(winner)


_at_the_end = threading.local()


class _Closing:
    """Closes the database connections of a thread when the thread's locals go."""

    def __del__(self) -> None:
        connections.close_all()


def _closes_at_the_end() -> None:
    _at_the_end.closing = _Closing()
