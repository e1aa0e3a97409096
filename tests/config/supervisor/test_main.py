"""`manage.py run` as a whole: the real processes, killed and stopped in every way a day brings."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config.supervisor.ports import free_port
from config.supervisor.probes import RELAYS_KEY
from tests.stack import parley, processes
from tests.stack.parley import ROOT, Parley
from tests.stack.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NAMES = {"supervisor", "valkey", "web", "worker", "clock", "delivery", "beat", "relay", "egress"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    site = parley.start(tmp_path_factory.mktemp("parley"))
    yield site
    site.stop()


def get(url: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read()


def run(data_dir: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end, as for a start that must fail."""
    environ = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "PORT": "0",
        "RELAY_ADDRESSES": "127.0.0.1",
        **settings,
    }
    command = [sys.executable, "manage.py", "run"]
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def test_it_serves_and_says_where(site: Parley) -> None:
    assert get(f"{site.url}/readyz") == (
        200,
        b'{"database": true, "redis": true, "relay": true, "worker": true, "missing": []}',
    )
    assert f"parley  | ready at {site.url}" in site.log
    assert "log in as alice or bob, both with the password parley-demo" in site.log


def test_it_records_what_runs_where(site: Parley) -> None:
    record = site.record
    assert set(record["pids"]) == NAMES
    assert record["pids"]["supervisor"] == site.process.pid
    assert all(Path(f"/proc/{pid}").exists() for pid in record["pids"].values())
    assert get(record["metrics_url"])[0] == 200


def test_it_starts_a_deaf_worker_again(site: Parley) -> None:
    """It lives, but takes no task any more: its heartbeats pile up in the queue."""
    before = site.pid("clock")
    os.kill(before, signal.SIGSTOP)
    wait_until(lambda: site.pid("clock") != before and site.is_ready(), "another worker", 120)
    assert "clock lives but does not work and is killed" in site.log


@pytest.mark.parametrize(
    "name", ["relay", "worker", "clock", "delivery", "beat", "egress", "web", "valkey"]
)
def test_it_starts_each_process_again(site: Parley, name: str) -> None:
    before = site.pid(name)
    site.kill(name)
    wait_until(lambda: site.pid(name) != before, f"another {name} runs", 30)

    def serves() -> bool:
        try:
            return get(f"{site.url}/readyz")[0] == 200
        except OSError:
            return False

    wait_until(serves, "everything serves again", 40)


def test_it_forgets_a_dead_relay_at_once(site: Parley) -> None:
    """By name: after a death of Valkey, its copy on disk may bring back one that died before, for a
    minute.
    """
    with redis.Redis.from_url(site.record["redis_url"]) as client:
        begun = time.time()

        def beating() -> list[bytes]:
            return [
                name
                for name, beat_at in client.zrange(RELAYS_KEY, 0, -1, withscores=True)
                if beat_at > begun
            ]

        (before,) = wait_until(beating, "the relay beats", 30)
        site.kill("relay")
        wait_until(
            lambda: client.zscore(RELAYS_KEY, before) is None, "it is struck from the register", 30
        )
        wait_until(lambda: beating() not in ([], [before]), "its heir beats", 30)
        assert len(beating()) == 1


def test_it_refuses_a_second_run_on_the_same_data(site: Parley) -> None:
    second = run(site.data_dir)
    assert (second.returncode, second.stdout) == (1, "")
    assert (
        f"already runs with the data folder {site.data_dir} (process {site.process.pid})"
        in second.stderr
    )
    assert get(f"{site.url}/healthz")[0] == 200  # The first one does not care.


def test_it_refuses_a_port_that_is_taken(site: Parley, tmp_path: Path) -> None:
    second = run(tmp_path, PORT=str(site.port))
    assert second.returncode == 1
    assert second.stderr == (
        f"parley: Port {site.port} is taken by another program: stop it, or choose another with PORT={site.port + 1}.\n"
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "many"}, "PORT"),
        ({"PARLEY_MODE": "holiday"}, "PARLEY_MODE is 'holiday'; it must be one of"),
        ({"PARLEY_MODE": "production"}, "SECRET_KEY"),
        ({"DATA_DIR": "/proc/no"}, "Set DATA_DIR to one you may write"),
    ],
)
def test_it_says_in_one_sentence_what_is_wrong(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    failed = run(tmp_path, **settings)
    assert failed.returncode == 1
    assert sentence in failed.stderr
    assert "Traceback" not in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_it_starts_again_in_the_same_place_and_leaves_nothing_when_killed(tmp_path: Path) -> None:
    ready_file = tmp_path / "ready.json"
    first = parley.start(tmp_path)
    assert "the database is up to date" in first.log
    first.process.kill()  # Not even the chance to say goodbye.
    first.process.wait()
    wait_until(lambda: not processes.of_data_dir(tmp_path), "the kernel took every child along", 10)
    left = Path(json.loads((tmp_path / "run.json").read_text())["runtime_dir"])

    command = [sys.executable, "manage.py", "run", "--ready-file", str(ready_file)]
    environ = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "PORT": str(free_port()),
        "RELAY_ADDRESSES": "127.0.0.1",
    }
    second = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        wait_until(ready_file.exists, "the second start is ready", 60)
        assert json.loads(ready_file.read_text())["ready"] is True
        assert not left.exists()  # What the killed one could not remove.
    finally:
        second.send_signal(signal.SIGINT)
        told, _ = second.communicate(timeout=30)
    assert second.returncode == 0
    assert "the database is up to date" not in told  # Nothing had changed, so nothing was prepared.
    assert told.splitlines()[-1] == "parley  | stopped"
    assert not (tmp_path / "run.json").exists()
    assert processes.of_data_dir(tmp_path) == {}
