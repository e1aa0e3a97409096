import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.supervisor import lock
from config.supervisor.errors import StartError

HOLD = """
import sys, time
from pathlib import Path
from config.supervisor import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(folder: Path) -> "subprocess.Popen[str]":
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert other.stdout
    assert other.stdout.readline() == "held\n"
    return other


def test_it_refuses_a_second_one_and_names_the_first(tmp_path: Path) -> None:
    other = hold(tmp_path)
    try:
        with (
            pytest.raises(StartError, match=rf"{tmp_path} \(process {other.pid}\).*DATA_DIR"),
            lock.held(tmp_path),
        ):
            pass
    finally:
        other.kill()
        other.communicate()


def test_it_is_free_again_after_the_holder_was_killed(tmp_path: Path) -> None:
    other = hold(tmp_path)
    os.kill(other.pid, signal.SIGKILL)
    other.communicate()
    with lock.held(tmp_path):
        assert (tmp_path / "run.lock").read_text() == str(os.getpid())


def test_it_is_free_again_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with lock.held(tmp_path):
            pass
