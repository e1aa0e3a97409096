"""Which processes Parley has, how each is started, and in which order they start and stop."""

import secrets
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from config.env import Environment, for_child
from config.limits import LIMITS
from config.monitoring import heartbeat
from config.supervisor import readiness, valkey
from config.supervisor.process import Recipe, Spec

# Groups end one after the other: first what makes work, then what does it, last what everything
# leans on.
STOP_ORDER = (("beat", "web"), ("worker", "clock", "egress"), ("relay",), ("valkey",))

CLOCK_PROCESSES = 2  # A sweep of ten thousand reminders must not hold up the rooms' seconds.
_WORKER_IS_READY = "parley: worker is ready"  # config/celery.py says so.
WEBSOCKET_BYTES = str(2 * 1024 * 1024)


@dataclass(frozen=True)
class Plan:
    """How to start each process of one run.

    `valkey` is None where REDIS_URL names a server of one's own.
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
        valkey=partial(_valkey, env, places, environ, places.socket) if places.socket else None,
        prepare=Spec("setup", (sys.executable, "manage.py", "prepare"), environ),
        relay=partial(_relay, places, environ),
        rest=(
            partial(_web, env, places, environ),
            partial(_worker, env, places, environ),
            partial(_clock, places, environ),
            partial(_beat, places, environ),
            partial(_egress, places, environ, f"egress-{secrets.token_hex(4)}"),
        ),
    )


def _valkey(env: Environment, places: Places, environ: dict[str, str], socket: Path) -> Spec:
    argv = valkey.argv(socket, env.data_dir)
    return Spec("valkey", argv, environ, probe=readiness.answers_redis(places.redis_url))


def _relay(places: Places, environ: dict[str, str]) -> Spec:
    """A name of its own for every start: what was meant for a dead relay must not reach its heir."""
    name = f"relay-{secrets.token_hex(4)}"
    return Spec(
        "relay",
        (sys.executable, "-m", "media_relay"),
        {"RELAY_MAX_PUBLISHERS": str(LIMITS.stage_seats), **environ, "RELAY_ID": name},
        probe=readiness.relay_beats(places.redis_url, name),
        on_end=partial(readiness.forget_relay, places.redis_url, name),
    )


def _egress(places: Places, environ: dict[str, str], name: str) -> Spec:
    """One name for all starts: who comes after a dead one has its leases at once."""
    return Spec(
        "egress",
        (sys.executable, "-m", "media_relay.egress"),
        {**environ, "EGRESS_ID": name},
        ready_line=f"Egress {name} is ready",
        pulse=readiness.egress_beats(places.redis_url, name),
    )


def _web(env: Environment, places: Places, environ: dict[str, str]) -> Spec:
    argv = [
        sys.executable,
        "-m",
        "daphne",
        "-v",
        "0",
        "--no-server-name",
        "-b",
        env.bind,
        "-p",
        str(places.port),
    ]
    # Above Daphne's own 1 MiB: there it cuts the socket without a word, while our consumer answers
    # `too_large`.
    argv += [
        "--websocket-max-message-size",
        WEBSOCKET_BYTES,
        "--websocket-max-frame-size",
        WEBSOCKET_BYTES,
    ]
    if env.trusted_proxies:
        argv.append("--proxy-headers")
    host = next(
        (host for host in env.allowed_hosts if not host.startswith((".", "*"))), "localhost"
    )
    probe = readiness.answers_http(places.port, host)
    return Spec("web", (*argv, "config.asgi:application"), environ, probe=probe)


def _worker(env: Environment, places: Places, environ: dict[str, str]) -> Spec:
    """For what may take its time. It counts as unresponsive only when no task may take so long."""
    return Spec(
        "worker",
        _worker_argv(heartbeat.WORK, env.worker_processes),
        environ,
        ready_line=_WORKER_IS_READY,
        pulse=readiness.hears_tasks(places.redis_url, heartbeat.WORK),
        unresponsive_after_s=3900,
        stop_within_s=10,
    )


def _clock(places: Places, environ: dict[str, str]) -> Spec:
    """For what must come in time: reminders, the rooms' clock, deliveries.

    None of it takes longer than seconds.
    """
    return Spec(
        "clock",
        _worker_argv(heartbeat.CLOCK, CLOCK_PROCESSES),
        environ,
        ready_line=_WORKER_IS_READY,
        pulse=readiness.hears_tasks(places.redis_url, heartbeat.CLOCK),
        stop_within_s=10,
    )


def _worker_argv(queue: str, processes: int) -> tuple[str, ...]:
    # Gossip, mingle and heartbeats are how workers find each other; one alone only waits a second
    # for nobody.
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


def _beat(places: Places, environ: dict[str, str]) -> Spec:
    argv = (*_celery(), "beat", "--pidfile=")
    probe = readiness.sends_tasks(places.redis_url, heartbeat.CLOCK)
    return Spec("beat", argv, environ, ready_line="parley: beat is ready", pulse=probe)


def _celery() -> tuple[str, ...]:
    # A root shell is what a container or a fresh test machine has; twelve lines of warning help
    # nobody there.
    calm = "ignore:You're running the worker with superuser privileges"
    return sys.executable, "-W", calm, "-m", "celery", "-q", "-A", "config"
