"""The command `manage.py run`."""

import argparse
import asyncio
import os
import socket
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import environ

from config.env import PRIVATE_FOLDER, ROOT, Environment, read
from config.supervisor import lock, plan, ports, valkey
from config.supervisor.errors import StartError
from config.supervisor.output import LogWriter
from config.supervisor.preparation import Preparation
from config.supervisor.record import RunRecord, clean_after_crash
from config.supervisor.supervisor import Supervisor


def main(arguments: Sequence[str]) -> int:
    """Run Parley until it is stopped; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="manage.py run", description="Start every process of Parley in one terminal."
    )
    parser.add_argument(
        "--ready-file", type=Path, help="write run.json here too, once everything serves"
    )
    options = parser.parse_args(arguments)
    os.umask(0o077)  # The children have it from here: what they write is this account's alone.
    try:
        env = read()
        _require_meant_demo(env)
        _make_private(env.data_dir)
        with lock.held(env.data_dir):
            clean_after_crash(env.data_dir)
            _serve(env, LogWriter(sys.stdout), options.ready_file)
    except (StartError, environ.ImproperlyConfigured) as error:
        sys.stderr.write(f"parley: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(
            f"parley: The data folder cannot be used: {error}. Set DATA_DIR to one you may write.\n"
        )
        return 1
    return 0


def _serve(env: Environment, output: LogWriter, ready_file: Path | None) -> None:
    os.chdir(ROOT)  # The children are started as `python -m …` from here.
    places = choose_places(env)
    record = RunRecord(
        url=f"http://localhost:{places.port}",
        redis_url=places.redis_url,
        metrics_url=f"http://127.0.0.1:{places.metrics_port}/metrics",
        data_dir=str(env.data_dir),
        runtime_dir=str(places.socket.parent) if places.socket else "",
        pids={"supervisor": os.getpid()},
    )
    supervisor = Supervisor(plan.make(env, places), record, output)

    def on_ready() -> None:
        output.line("parley", f"ready at {record.url}")
        if env.demo:
            output.line("parley", "log in as alice or bob, both with the password parley-demo")
        output.line("parley", "Ctrl-C stops everything")
        if ready_file:
            record.write_to(ready_file)

    try:
        asyncio.run(supervisor.run(Preparation(env), on_ready))
        output.line("parley", "stopped")
    finally:
        record.remove()


def _require_meant_demo(env: Environment) -> None:
    """Raises StartError if others can reach a demo that nobody asked for: its password is known."""
    if env.demo and not env.is_demo_asked_for and not env.is_for_this_machine_alone:
        raise StartError(
            "BIND or ORIGINS opens Parley to other machines, and the demo's accounts have a "
            "password that everybody knows. Set DEMO=false, or DEMO=true if you mean it."
        )


def _make_private(data_dir: Path) -> None:
    """Make the folder, or shut one that an earlier release left open to be read.

    One that Parley has never used may hold other things: its owner has decided about it.
    """
    data_dir.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    if (data_dir / lock.NAME).exists() and not data_dir.stat().st_mode & stat.S_ISVTX:
        data_dir.chmod(PRIVATE_FOLDER)


def choose_places(env: Environment) -> plan.Places:
    """Choose where to listen. Raises StartError if that is impossible.

    Found out here, that is a sentence; in a child it would be a traceback.
    """
    if env.port:
        ports.require_free(env.bind, env.port, "PORT", socket.SOCK_STREAM)
    if env.relay_port:
        ports.require_free("0.0.0.0", env.relay_port, "RELAY_PORT", socket.SOCK_DGRAM)
    port = env.port or ports.free_port()
    metrics_port = env.metrics_port or ports.free_port()
    if env.brings_own_redis:
        return plan.Places(env.redis_url, port, metrics_port, socket=None)
    path = valkey.runtime_dir() / "valkey.sock"
    return plan.Places(f"unix://{path}", port, metrics_port, path)
