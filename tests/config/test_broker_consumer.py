"""A worker goes on by itself, whatever was the matter with its broker."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from kombu import Connection

from config.celery import app
from config.monitoring.heartbeat import CLOCK, key_of
from config.tasks import beat_heart
from tests.stack.parley import ROOT
from tests.stack.valkey import Valkey, running_valkey
from tests.stack.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
PATIENCE_S = 60


@dataclass
class Worker:
    process: "subprocess.Popen[bytes]"
    log: Path
    valkey: Valkey
    redis: redis.Redis

    def says(self, words: str) -> None:
        wait_until(lambda: words in self.log.read_text(), f"{words!r} in its log", PATIENCE_S)

    def is_given_work(self) -> None:
        broker = self.valkey.url.replace("unix://", "redis+socket://", 1)
        with Connection(broker) as connection:
            app.send_task(beat_heart.name, (CLOCK,), queue=CLOCK, connection=connection)

    def works(self) -> None:
        """It does what it is given from now on, in the process in which it was."""
        wait_until(self._has_beaten, "a heartbeat", PATIENCE_S)
        assert self.process.poll() is None, self.log.read_text()[-2000:]

    def _has_beaten(self) -> bool:
        with suppress(redis.RedisError):
            if self.redis.get(key_of(CLOCK)):
                return True
            self.is_given_work()
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        return False


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    command = (sys.executable, "-m", "celery", "-q", "-A", "config", "worker", "-Q", CLOCK)
    alone = ("-c", "1", "--without-gossip", "--without-mingle", "--without-heartbeat")
    log = tmp_path / "log"
    with running_valkey() as valkey, redis.Redis.from_url(valkey.url) as client:
        environ = {**os.environ, "REDIS_URL": valkey.url, "DATA_DIR": str(tmp_path)}
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*command, *alone],
                cwd=ROOT,
                env=environ,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        one = Worker(process, log, valkey, client)
        try:
            one.says("parley: worker is ready")
            one.works()
            client.delete(key_of(CLOCK))
            yield one
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            finally:
                with suppress(ProcessLookupError):  # With its children, if it hangs.
                    os.killpg(process.pid, signal.SIGKILL)


def test_it_goes_on_after_a_read_only_redis(worker: Worker) -> None:
    # redis-py leaves it untyped.
    worker.redis.execute_command("REPLICAOF", "127.0.0.1", "1")  # type: ignore[no-untyped-call]
    # It waits for work, which is a write; the server takes it out of its waiting.
    wait_until(lambda: "replica" in worker.log.read_text(), "it is refused", PATIENCE_S)
    worker.redis.execute_command("REPLICAOF", "NO", "ONE")  # type: ignore[no-untyped-call]
    worker.works()


def test_it_goes_on_after_a_full_redis(worker: Worker) -> None:
    """It takes work out, and may not write down that it has it."""
    os.kill(worker.process.pid, signal.SIGSTOP)
    worker.is_given_work()
    worker.redis.config_set("maxmemory", 1)
    os.kill(worker.process.pid, signal.SIGCONT)
    worker.says("maxmemory")
    worker.redis.config_set("maxmemory", 0)
    worker.works()


def test_it_goes_on_after_a_redis_that_died(worker: Worker) -> None:
    worker.valkey.kill()
    worker.says("Connection to broker lost")
    worker.valkey.start()
    worker.works()
