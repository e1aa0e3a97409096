"""How a measuring program ends: never without its children."""

import signal
import sys


def end_on_sigterm() -> None:
    """Make SIGTERM raise SystemExit, so that `finally` blocks end what was started.

    Python's default ends at once.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
