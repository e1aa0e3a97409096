"""Other people's work: processes that take a set share of every core, for measuring on a machine
that is not idle.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

# About a scheduler's slice: what waits for the core waits as long as behind any busy process.
PERIOD_S = 0.01


def burn(share: float) -> None:
    """Take `share` of one core for ever."""
    while True:
        end = time.process_time() + PERIOD_S * share
        while time.process_time() < end:
            pass
        time.sleep(PERIOD_S * (1 - share))


@contextmanager
def burning(share: float) -> "Iterator[list[subprocess.Popen[bytes]]]":
    """Burn `share` of every core while the block runs, nothing for 0; yields the processes."""
    cores = os.cpu_count() or 1
    command = [sys.executable, "-m", "tests.bench.burner", str(share)]
    children = [subprocess.Popen(command) for _ in range(cores if share else 0)]
    try:
        yield children
    finally:
        for child in children:
            child.kill()
            child.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.burner", description=__doc__)
    parser.add_argument("share", type=float, help="of one core, 0-1")
    burn(parser.parse_args().share)


if __name__ == "__main__":
    main()
