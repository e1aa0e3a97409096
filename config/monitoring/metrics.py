"""How Parley is doing, in numbers: the staff's dashboard shows them, `/metrics` hands them to
Prometheus.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from accounts.models import Appeal, Report, Suspension
from config import redis_clients
from config.monitoring import heartbeat
from spaces.models import Reminder, Space
from spaces.relay import health
from spaces.services import presence_store

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Queue:
    """`waiting` is None where Redis does not answer; `heard_s` is how long ago a worker took the
    last heartbeat.
    """

    name: str
    waiting: int | None
    heard_s: float

    @property
    def is_well(self) -> bool:
        return self.waiting is not None and self.heard_s <= 4 * heartbeat.OLD_S


@dataclass(frozen=True)
class RelayReport:
    name: str
    peers: int
    cpu_percent: float
    is_full: bool
    is_draining: bool


@dataclass(frozen=True)
class SiteMetrics:
    queues: tuple[Queue, ...]
    relays: tuple[RelayReport, ...]
    live_spaces: int
    people_in_rooms: int
    reminders_due: int
    reminders_late_s: float
    reminders_dropped: int
    reports_open: int
    appeals_open: int
    suspended: int


def gather() -> SiteMetrics:
    """Ask database and Redis.

    A Redis that is down shows as queues that nobody hears and no relay.
    """
    now = timezone.now()
    due = Reminder.objects.waiting().filter(due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    live = list(Space.objects.live().values_list("public_id", flat=True))
    dropped = Reminder.objects.filter(outcome=Reminder.Outcome.DROPPED, fired_at__gt=now - DAY)
    return SiteMetrics(
        queues=tuple(queue(name) for name in heartbeat.QUEUES),
        relays=tuple(relays()),
        live_spaces=len(live),
        people_in_rooms=sum(presence_store.counts(live).values()),
        reminders_due=due.count(),
        reminders_late_s=(now - oldest).total_seconds() if oldest else 0.0,
        reminders_dropped=dropped.count(),
        reports_open=Report.objects.filter(state=Report.State.OPEN).count(),
        appeals_open=Appeal.objects.filter(state=Appeal.State.OPEN).count(),
        suspended=Suspension.objects.open().count(),
    )


def queue(name: str) -> Queue:
    try:
        link = redis_clients.blocking()
        written, waiting = link.get(heartbeat.key_of(name)), int(link.llen(name))
    except (RedisError, OSError):
        return Queue(name, None, time.time())
    return Queue(name, waiting, heartbeat.age_s(written, time.time()))


def relays() -> Sequence[RelayReport]:
    """Return those that gave a sign of life in the last seconds; none if Redis does not answer."""
    try:
        nodes = health.live_nodes()
    except (RedisError, OSError):
        return []
    return [
        RelayReport(node.relay, node.peers, round(node.cpu * 100, 1), node.full, node.draining)
        for node in nodes
    ]


class FiguresCollector(Collector):
    """Makes Prometheus's figures of those here, gathered when it asks."""

    def collect(self) -> Iterator[Metric]:
        found = gather()
        gauges: dict[str, tuple[str, float]] = {
            "live_spaces": ("Spaces that are live", found.live_spaces),
            "people_in_rooms": ("People in live rooms", found.people_in_rooms),
            "reminders_due": ("Reminders whose time has come", found.reminders_due),
            "reminders_late_seconds": ("How late the oldest of them is", found.reminders_late_s),
            "reminders_dropped_last_day": ("Reminders given up", found.reminders_dropped),
            "reports_open": ("Reports nobody has answered", found.reports_open),
            "appeals_open": ("Appeals nobody has answered", found.appeals_open),
            "accounts_suspended": ("Accounts that are suspended", found.suspended),
            "relays": ("Relays that gave a sign of life", len(found.relays)),
        }
        for name, (what, value) in gauges.items():
            yield GaugeMetricFamily(f"parley_{name}", what, value=value)
        waiting = GaugeMetricFamily("parley_queue_waiting", "Tasks that wait", labels=["queue"])
        heard = GaugeMetricFamily(
            "parley_worker_heard_seconds", "Since a worker took a heartbeat", labels=["queue"]
        )
        for one in found.queues:
            if one.waiting is not None:
                waiting.add_metric([one.name], one.waiting)
            heard.add_metric([one.name], one.heard_s)
        peers = GaugeMetricFamily("parley_relay_peers", "Peers of a relay", labels=["relay"])
        for relay in found.relays:
            peers.add_metric([relay.name], relay.peers)
        yield from (waiting, heard, peers)
