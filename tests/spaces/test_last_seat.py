"""Sixty-four approvals for one seat at the same moment.

`python -m tests.bench.seats` is the long proof.
"""

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
        try:
            return race.approve(approval)
        finally:
            # The threads end with the test, and its database goes then too.
            connections.close_all()

    with ThreadPoolExecutor(race.CONTENDERS) as pool:
        for _ in range(ROUNDS):
            winner = room.check(list(pool.map(approve, room.approvals())))
            room.put_back(winner)
