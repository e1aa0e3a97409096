"""Which sweep has what: claimed by one, taken up again when that one dies halfway."""

import os
import subprocess
import sys
import threading
import uuid
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone

from accounts.models import Delivery, User
from accounts.notifications import deliver
from accounts.services import relationships
from tests.accounts.outgoing import states, sweep, with_browser
from tests.accounts.pushbox import Pushbox
from tests.stack.waiting import wait_until

State = Delivery.State


def test_it_takes_up_what_a_dead_sweep_had_claimed(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    now = timezone.now()
    assert len(deliver._claim(now)) == 1  # … and dies.
    assert deliver.sweep(now + timedelta(seconds=deliver.CLAIM_S - 1)) == 0
    assert deliver.sweep(now + timedelta(seconds=deliver.CLAIM_S + 1)) == 1
    assert len(box.got) == 1


def test_it_lets_a_slow_sweep_change_nothing_of_a_later_one(
    maya: User, budi: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    slow = deliver._claim(timezone.now())[0]
    Delivery.objects.update(claim=uuid.uuid4(), state=State.SENT)
    deliver._try_again(slow, timezone.now(), OSError("late"))
    deliver._end(slow, State.FAILED)
    assert states() == ["sent"]


def _count_claims(now: datetime, claimed: list[int], start: threading.Barrier) -> None:
    start.wait()
    while rows := deliver._claim(now):
        claimed += [row.pk for row in rows]
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_it_is_claimed_by_one_of_four_sweeps_each(maya: User) -> None:
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(recipient=maya, channel="email", key=f"k{n}", kind="follow", due_at=now)
        for n in range(200)
    )
    claimed: list[int] = []
    start = threading.Barrier(4)
    sweeps = [threading.Thread(target=_count_claims, args=(now, claimed, start)) for _ in range(4)]
    for thread in sweeps:
        thread.start()
    for thread in sweeps:
        thread.join()
    assert sorted(claimed) == sorted(Delivery.objects.values_list("pk", flat=True))


SWEEP = """
import django
django.setup()
from django.utils import timezone
from accounts.notifications import deliver
deliver.sweep(timezone.now())
"""


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the child finds the test's database by its file"
)
@pytest.mark.django_db(transaction=True)
def test_it_goes_out_though_the_worker_is_killed_while_it_sends(
    maya: User, budi: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    box.gate.clear()
    box.arrived.clear()
    name = str(connection.settings_dict["NAME"])
    known = {
        "DATABASE_URL": f"sqlite:///{name}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PARLEY_MODE": "test",
    }
    child = subprocess.Popen([sys.executable, "-c", SWEEP], env={**os.environ, **known})
    try:
        assert box.arrived.wait(30), "the worker sends"
    finally:
        child.kill()
        child.wait()
        box.gate.set()
    wait_until(lambda: box.got, "the service is done with the first copy")
    assert (states(), sweep()) == (["waiting"], 0)  # Claimed by a dead one.
    assert sweep(timedelta(seconds=deliver.CLAIM_S + 5)) == 1
    assert (states(), len({notice["tag"] for notice in box.notices()}), len(box.got)) == (
        ["sent"],
        1,
        2,
    )


def test_it_sweeps_alone_and_lets_the_next_one_in(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    cache.add("delivering", 1, 60)
    assert deliver.sweep_unless_running(timezone.now()) == 0
    cache.delete("delivering")
    assert deliver.sweep_unless_running(timezone.now()) == 1
    assert cache.get("delivering") is None
