"""Which processes Parley has, how each is started, and in which order they start and stop."""

import secrets
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from config.env import Environment, for_child
from config.limits import LIMITS
from config.monitoring import heartbeat
from config.supervisor import probes, valkey
from config.supervisor.process import Recipe, Spec

# Groups end one after the other: first what makes work, then what does it, last what all need.
STOP_ORDER = (("beat", "web"), ("worker", "clock", "delivery", "egress"), ("relay",), ("valkey",))

CLOCK_PROCESSES = 2  # A sweep of ten thousand reminders must not hold up the rooms' seconds.
_WORKER_IS_READY = "parley: worker is ready"  # config/celery.py says so.


@dataclass(frozen=True)
class Plan:
    """How to start each process of one run.

    `valkey` is None where REDIS_URL names a server.
    """

    valkey: Recipe | None
    prepare: Spec
    relay: Recipe
    rest: tuple[Recipe, ...]


@dataclass(frozen=True)
class Places:
    """Where this run listens; ports are chosen, not 0."""

    redis_url: str
    port: int
    metrics_port: int
    socket: Path | None


def make(env: Environment, places: Places) -> Plan:
    """Return the plan of a run that listens at `places`."""
    environ = for_child(
        DJANGO_SETTINGS_MODULE="config.settings",
        PYTHONUNBUFFERED="1",
        REDIS_URL=places.redis_url,
        PORT=str(places.port),
        METRICS_PORT=str(places.metrics_port),
        RELAY_PORT=str(env.relay_port),
        DATA_DIR=str(env.data_dir),
    )
    return Plan(
        valkey=partial(valkey_spec, env, places, environ, places.socket) if places.socket else None,
        prepare=Spec("setup", (sys.executable, "manage.py", "prepare"), environ),
        relay=partial(relay_spec, env, places, environ),
        rest=(
            partial(web_spec, env, places, environ),
            partial(worker_spec, env, places, environ),
            partial(clock_spec, places, environ),
            partial(delivery_spec, places, environ),
            partial(beat_spec, places, environ),
            partial(egress_spec, places, environ, f"egress-{secrets.token_hex(4)}"),
        ),
    )


def valkey_spec(env: Environment, places: Places, environ: dict[str, str], socket: Path) -> Spec:
    argv = valkey.argv(socket, env.data_dir)
    return Spec("valkey", argv, environ, readiness=probes.answers_redis(places.redis_url))


def relay_spec(env: Environment, places: Places, environ: dict[str, str]) -> Spec:
    """A new name for every start: what was meant for a dead relay must not reach the next one."""
    name = f"relay-{secrets.token_hex(4)}"
    settings = {"RELAY_MAX_PUBLISHERS": str(LIMITS.stage_seats), **environ, "RELAY_ID": name}
    if not env.relay_addresses and env.is_for_this_machine_alone:
        # No port is opened to a network that cannot open the site.
        settings["RELAY_ADDRESSES"] = "127.0.0.1"
    return Spec(
        "relay",
        (sys.executable, "-m", "media_relay"),
        settings,
        readiness=probes.relay_has_heartbeat(places.redis_url, name),
        on_end=partial(probes.forget_relay, places.redis_url, name),
    )


def egress_spec(places: Places, environ: dict[str, str], name: str) -> Spec:
    """One name for all starts: the one after a dead egress has its leases at once."""
    return Spec(
        "egress",
        (sys.executable, "-m", "media_relay.egress"),
        {**environ, "EGRESS_ID": name},
        # Not of the start before, which had the same name.
        readiness=probes.egress_has_beaten(places.redis_url, name, since=time.time()),
        liveness=probes.egress_has_heartbeat(places.redis_url, name),
    )


def web_spec(env: Environment, places: Places, environ: dict[str, str]) -> Spec:
    argv = (sys.executable, "-m", "config.web_server", "-b", env.bind, "-p", str(places.port))
    host = next(
        (host for host in env.allowed_hosts if not host.startswith((".", "*"))), "localhost"
    )
    return Spec(
        "web",
        argv,
        environ,
        readiness=probes.answers_http(places.port, host),
        # It answers what was asked, for ten seconds at most (config/web_server/server.py).
        stop_within_s=15,
    )


def worker_spec(env: Environment, places: Places, environ: dict[str, str]) -> Spec:
    """The worker for what may take its time.

    It counts as unresponsive only after longer than any task may take.
    """
    return Spec(
        "worker",
        _worker_argv(heartbeat.WORK, env.worker_processes),
        environ,
        ready_line=_WORKER_IS_READY,
        liveness=probes.takes_tasks(places.redis_url, heartbeat.WORK),
        unresponsive_after_s=3900,
        stop_within_s=10,
    )


def clock_spec(places: Places, environ: dict[str, str]) -> Spec:
    """The worker for what must come in time: reminders and rooms' timers.

    None of it takes longer than seconds.
    """
    return Spec(
        "clock",
        _worker_argv(heartbeat.CLOCK, CLOCK_PROCESSES),
        environ,
        ready_line=_WORKER_IS_READY,
        liveness=probes.takes_tasks(places.redis_url, heartbeat.CLOCK),
        stop_within_s=10,
    )


def delivery_spec(places: Places, environ: dict[str, str]) -> Spec:
    """The worker for what waits for servers of others: pushes and mails.

    One process: the threads that wait are in it. Its heartbeat waits behind a sweep.
    """
    return Spec(
        "delivery",
        (*_worker_argv(heartbeat.DELIVERY, 1), "--pool", "solo"),
        environ,
        ready_line=_WORKER_IS_READY,
        liveness=probes.takes_tasks(places.redis_url, heartbeat.DELIVERY),
        unresponsive_after_s=heartbeat.DELIVERY_SILENT_S,
        stop_within_s=10,
    )


def _worker_argv(queue: str, processes: int) -> tuple[str, ...]:
    # Gossip, mingle and heartbeats are how workers find each other. A single worker would only wait
    # a second for others.
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return (
        *_celery(),
        "worker",
        "-Q",
        queue,
        "-c",
        str(processes),
        "--prefetch-multiplier",
        "1",
        *alone,
    )


def beat_spec(places: Places, environ: dict[str, str]) -> Spec:
    return Spec(
        "beat",
        (*_celery(), "beat", "--pidfile="),
        environ,
        ready_line="parley: beat is ready",
        liveness=probes.sends_tasks(places.redis_url, heartbeat.CLOCK),
    )


def _celery() -> tuple[str, ...]:
    # Containers and fresh test machines run all as root; twelve lines of warning help nobody there.
    no_warning = "ignore:You're running the worker with superuser privileges"
    return sys.executable, "-W", no_warning, "-m", "celery", "-q", "-A", "config"
