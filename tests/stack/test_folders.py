import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE = "from tests.stack.folders import temporary_folder; folder = temporary_folder('x'); (folder / 'log').touch(); "
Run = Callable[[str], "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs Python code with `tmp_path` as its /tmp."""
    return lambda code: subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
        capture_output=True,
    )


@pytest.mark.parametrize(
    "ending",
    [
        "",
        "raise SystemExit(1)",
        "raise KeyboardInterrupt",
        "assert False",
        "import os; os.fork() or os._exit(0)",
    ],
    ids=["in peace", "sys.exit", "Ctrl-C", "failure", "fork"],
)
def test_it_leaves_nothing(run: Run, tmp_path: Path, ending: str) -> None:
    run(MAKE + "assert folder.exists(); " + ending)
    assert list(tmp_path.iterdir()) == []


def test_it_keeps_the_folder_of_who_forks(run: Run) -> None:
    fork = "import os, sys; child = os.fork(); child or sys.exit(); os.waitpid(child, 0); assert folder.exists()"
    ended = run(MAKE + fork)
    assert ended.returncode == 0, ended.stderr


def test_it_removes_what_killed_programs_have_left_and_nothing_else(
    run: Run, tmp_path: Path
) -> None:
    for name in (f"parley-relay-{os.getpid()}-a", "parley-media", "parley-a-b-c"):
        (tmp_path / name).mkdir()
    run(MAKE + "import os; os.kill(os.getpid(), 9)")
    assert len(list(tmp_path.iterdir())) == 4, "A killed program cannot remove anything."
    run(MAKE)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"parley-relay-{os.getpid()}-a",
        "parley-media",
        "parley-a-b-c",
    }
