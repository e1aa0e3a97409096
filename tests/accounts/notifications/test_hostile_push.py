"""Push services of strangers that keep who calls them: the others' notices go out meanwhile."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from accounts.models import Delivery, PushSubscription, User
from accounts.notifications import deliver, push
from accounts.notifications.push_hosts import PushHosts, is_anyone_reached
from accounts.notifications.turns import (
    HOST_AT_ONCE,
    PERSON_AT_ONCE,
    UNTRIED_AT_ONCE,
    UNTRIED_HOST_AT_ONCE,
    Turns,
)
from accounts.services import relationships
from tests.accounts.outgoing import states, sweep, with_browser
from tests.accounts.people import browser_of, person
from tests.accounts.pushbox import Pushbox, b64
from tests.hostile.servers import HostileServer, hostile_server

State = Delivery.State
GOOD = "push.example"


@pytest.fixture(autouse=True)
def _no_hosts_are_known() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def silent() -> Iterator[HostileServer]:
    with hostile_server("silent") as server:
        yield server


def hostile_browser(owner: User, server: HostileServer, box: Pushbox) -> PushSubscription:
    session = browser_of(owner).session.session_key or ""
    # Another name of this machine, so that it is another host than the friendly one.
    url = f"{server.url('localhost')}/{owner.handle}"
    return push.subscribe(owner, session, url, box.p256dh, b64(box.auth))


def row(number: int, recipient: int, host: str) -> Delivery:
    browser = PushSubscription(pk=number, endpoint=f"https://{host}/{number}")
    return Delivery(pk=number, recipient_id=recipient, subscription=browser)


def taken(turns: Turns) -> list[Delivery]:
    rows: list[Delivery] = []
    while found := turns.take(timezone.now()):
        rows.append(found)
    return rows


def test_it_lets_one_person_have_few_at_once_and_the_next_one_in() -> None:
    hosts = PushHosts()
    hosts.answered(GOOD)
    turns = Turns(hosts)
    turns.add([row(number, 1, GOOD) for number in range(10)])
    turns.add([row(99, 2, GOOD)])
    first = taken(turns)
    assert [one.recipient_id for one in first] == [1] * PERSON_AT_ONCE + [2]
    turns.end(first[0])
    assert [one.pk for one in taken(turns)] == [PERSON_AT_ONCE]


def test_it_keeps_threads_free_of_one_host() -> None:
    hosts = PushHosts()
    hosts.answered(GOOD)
    turns = Turns(hosts)
    turns.add([row(number, number, GOOD) for number in range(HOST_AT_ONCE + 5)])
    assert len(taken(turns)) == HOST_AT_ONCE
    assert len(turns.left()) == 5


def test_it_lets_all_hosts_that_never_answered_have_few_together() -> None:
    """A name costs a stranger nothing: a thousand of them get no more than one."""
    hosts = PushHosts()
    hosts.answered(GOOD)
    turns = Turns(hosts)
    turns.add([row(number, number, f"{number}.evil.example") for number in range(40)])
    turns.add([row(number, number, GOOD) for number in range(40, 50)])
    found = taken(turns)
    assert len(found) == UNTRIED_AT_ONCE + 10
    hosts.failed(GOOD, timezone.now())
    assert hosts.is_untried(GOOD), "not the last time"


def test_it_begins_nothing_more_with_a_host_that_rests_meanwhile() -> None:
    hosts = PushHosts()
    turns = Turns(hosts)
    turns.add([row(number, number, "evil.example") for number in range(9)])
    assert len(taken(turns)) == UNTRIED_HOST_AT_ONCE
    for _ in range(3):
        hosts.failed("evil.example", timezone.now())
    turns.end(row(0, 0, "evil.example"))
    assert taken(turns) == []


def test_it_leaves_a_host_that_fails_again_and_again_alone_for_longer_and_longer() -> None:
    now = timezone.now()
    rests = []
    for _ in range(8):
        PushHosts().failed("evil.example", now)  # Each sweep begins with what the last one knew.
        rests.append(int(PushHosts().rest_of("evil.example", now).total_seconds()))
    assert rests == [0, 0, 30, 120, 600, 1800, 21600, 21600]
    PushHosts().answered("evil.example")
    assert not PushHosts().rest_of("evil.example", now)


def test_it_puts_off_what_is_for_a_host_that_rests_and_counts_no_attempt(
    maya: User, budi: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    now = timezone.now()
    for _ in range(3):
        PushHosts().failed("127.0.0.1", now)
    assert deliver.sweep(now) == 0
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.attempts, waiting.claim) == ("waiting", 0, None)
    assert waiting.due_at - now == pytest.approx(timedelta(seconds=30), abs=timedelta(seconds=1))
    assert deliver.sweep(now + timedelta(seconds=31)) == 1
    assert (states(), len(box.got)) == (["sent"], 1)


@pytest.mark.django_db(transaction=True)
def test_it_sends_the_others_notices_while_slow_ones_are_under_way(
    maya: User, budi: User, box: Pushbox, silent: HostileServer
) -> None:
    attackers = [person(f"mallory{number}") for number in range(12)]
    for one in attackers:
        hostile_browser(one, silent, box)
    with_browser(maya, box)
    for one in attackers:
        relationships.follow(budi, one)
    relationships.follow(budi, maya)
    now = timezone.now() + timedelta(seconds=1)
    began = time.monotonic()
    arrived: list[float] = []

    class Noting(list):  # type: ignore[type-arg]  # Of what the box has got.
        def append(self, item: object) -> None:
            arrived.append(time.monotonic() - began)
            super().append(item)

    box.got = Noting()
    deliver.sweep(now)
    took_s = time.monotonic() - began
    connections.close_all()
    assert arrived and arrived[0] < 4, "before the first of the slow ones was given up"
    # One at a time; with the third that fails the host is left alone.
    assert 8 * 3 - 1 < took_s < 8 * 3 + 4
    rows = Delivery.objects.filter(recipient__in=attackers)
    assert {(one.state, one.claim) for one in rows} == {("waiting", None)}
    assert sum(one.attempts for one in rows) == len(silent.calls) == 3


def test_it_gives_up_what_every_worker_dies_of(maya: User, budi: User, box: Pushbox) -> None:
    """A claim counts, or a row that kills its worker would kill workers for ever."""
    with_browser(maya, box)
    relationships.follow(budi, maya)
    now = timezone.now()
    for number in range(len(deliver.RETRY_S) + 1):
        now += timedelta(seconds=deliver.CLAIM_S + 1)
        (claimed,) = deliver._claim(now)  # … and dies.
        assert claimed.attempts == number + 1
    deliver.sweep(now + timedelta(seconds=deliver.CLAIM_S + 1))
    found = Delivery.objects.get()
    assert (found.state, found.error) == ("failed", "Whatever tried it died of it.")
    assert box.got == []


def failed_for(browser: PushSubscription, days: int, times: int) -> None:
    since = timezone.now() - timedelta(days=days)
    PushSubscription.objects.filter(pk=browser.pk).update(failures=times, failing_since=since)


@pytest.mark.parametrize(
    ("days", "times", "others_work", "stays"),
    [
        (4, 9, True, False),
        (4, 9, False, True),  # It may be our own network.
        (2, 50, True, True),
        (4, 3, True, True),
    ],
)
def test_it_forgets_a_browser_that_has_not_worked_for_days(
    maya: User, budi: User, box: Pushbox, *, days: int, times: int, others_work: bool, stays: bool
) -> None:
    browser = with_browser(maya, box)
    failed_for(browser, days, times)
    if others_work:
        PushHosts().answered(GOOD)
    assert is_anyone_reached() is others_work
    relationships.follow(budi, maya)
    box.answers.append((503, {}))
    sweep()
    assert PushSubscription.objects.filter(pk=browser.pk).exists() is stays


def test_it_counts_anew_after_one_that_worked(maya: User, budi: User, box: Pushbox) -> None:
    browser = with_browser(maya, box)
    failed_for(browser, 4, 50)
    relationships.follow(budi, maya)
    sweep()
    browser.refresh_from_db()
    assert (browser.failures, browser.failing_since) == (0, None)
    assert states() == ["sent"]


def test_it_stops_when_the_worker_does(maya: User, budi: User, box: Pushbox) -> None:
    turns_before = deliver.stopping.is_set()
    assert not turns_before
    from accounts import tasks

    tasks.on_worker_shutting_down()
    try:
        assert deliver.stopping.is_set()
    finally:
        deliver.stopping.clear()
