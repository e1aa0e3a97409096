"""Whose delivery is sent next: nobody, and no server of a stranger, may take all of the threads."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from accounts.models import Delivery
from accounts.notifications import push_endpoints
from accounts.notifications.push_hosts import PushHosts

THREADS = 32  # What waits for a slow push service waits beside the others.
PERSON_AT_ONCE = 3
HOST_AT_ONCE = 24  # Of one that answers: most browsers of a site have the same push service.
# Of all that have never answered, or not the last time: their number costs a stranger nothing.
UNTRIED_AT_ONCE = 8
UNTRIED_HOST_AT_ONCE = 1  # Of one of them.
MAIL = "mail"  # No host of a push has a name without a dot, but for `localhost`.


class Turns:
    """Rows that are claimed and wait, and those that are being sent."""

    def __init__(self, hosts: PushHosts) -> None:
        self._hosts = hosts
        self._waiting: list[Delivery] = []
        self._by_person: Counter[int] = Counter()
        self._by_host: Counter[str] = Counter()
        self._untried: set[int] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, rows: Iterable[Delivery]) -> None:
        self._waiting += rows

    def take(self, now: datetime) -> Delivery | None:
        """Return the first one that may go; None if nobody's turn has come.

        Those of hosts that have failed come last.
        """
        may_go = [row for row in self._waiting if self._may_go(row, now)]
        row = min(may_go, key=lambda row: self._hosts.has_failed(host_of(row)), default=None)
        if row is None:
            return None
        self._waiting.remove(row)
        self._by_person[row.recipient_id] += 1
        self._by_host[host_of(row)] += 1
        if self._is_untried(row):
            self._untried.add(row.pk)
        return row

    def end(self, row: Delivery) -> None:
        """What `take` gave is done."""
        self._by_person[row.recipient_id] -= 1
        self._by_host[host_of(row)] -= 1
        self._untried.discard(row.pk)

    def left(self) -> list[Delivery]:
        """Return those whose turn did not come; they are not kept here any longer."""
        rows, self._waiting = self._waiting, []
        return rows

    def _may_go(self, row: Delivery, now: datetime) -> bool:
        host = host_of(row)
        if self._by_person[row.recipient_id] >= PERSON_AT_ONCE or self._hosts.rest_of(host, now):
            return False
        if not self._is_untried(row):
            return self._by_host[host] < HOST_AT_ONCE
        few = self._by_host[host] < UNTRIED_HOST_AT_ONCE
        return few and len(self._untried) < UNTRIED_AT_ONCE

    def _is_untried(self, row: Delivery) -> bool:
        host = host_of(row)
        return host != MAIL and self._hosts.is_untried(host)


def host_of(row: Delivery) -> str:
    """Return the server that takes the row, in lower case."""
    return push_endpoints.host_of(row.subscription.endpoint) if row.subscription else MAIL
