"""Web processes of one checkout, alone with a Valkey of their own: no worker, no relay."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.bench.meter import read_cpu_exactly
from tests.bench.web.load import Crowd
from tests.bench.web.town import Town
from tests.stack.parley import ROOT, free_port
from tests.stack.valkey import running_valkey
from tests.stack.waiting import wait_until

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Web:
    crowd: Crowd
    pid: int

    def cpu_s(self) -> float:
        return read_cpu_exactly(self.pid).cpu_s


@contextmanager
def running_webs(checkout: Path, town: Town, count: int) -> Iterator[list[Web]]:
    """Yield so many web processes that share a Valkey."""
    with ExitStack() as stack:
        valkey = stack.enter_context(running_valkey())
        yield [stack.enter_context(_running_web(checkout, town, valkey.url)) for _ in range(count)]


@contextmanager
def _running_web(checkout: Path, town: Town, redis_url: str) -> Iterator[Web]:
    port = free_port()
    url = f"http://localhost:{port}"
    command = [sys.executable, "-m", "tests.bench.web.serve", "-b", "127.0.0.1", "-p", str(port)]
    environment = {**town.environment, "REDIS_URL": redis_url, "PORT": str(port)}
    process = subprocess.Popen(command, cwd=checkout, env=environment)

    def answers() -> bool:
        assert process.poll() is None, "The web process ended while starting."
        try:
            with urlopen(f"{url}/bench/empty/") as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    try:
        wait_until(answers, "The web process answers", 60)
        yield Web(Crowd(url, town.viewers, town.people), process.pid)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def checked_out(commit: str, folder: Path) -> Iterator[Path]:
    """Yield a worktree of `commit` that has this bench, whatever was there."""
    other = folder / "other"
    worktree = ("git", "-C", str(ROOT), "worktree")
    subprocess.run([*worktree, "add", "-q", "--detach", str(other), commit], check=True)
    try:
        bench = other / HERE.relative_to(ROOT)
        bench.mkdir(parents=True, exist_ok=True)
        for path in HERE.iterdir():
            if path.is_file():
                (bench / path.name).write_bytes(path.read_bytes())
        yield other
    finally:
        subprocess.run([*worktree, "remove", "--force", str(other)], check=True)
