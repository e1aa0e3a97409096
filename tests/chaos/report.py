"""The table that `make chaos` prints, and what in it must not be."""

import os
import sys
from datetime import UTC, datetime

from tests.bench.meter import machine
from tests.bench.report import table


class Report:
    """Prints each row when it is there; `end` prints the whole, and says whether all was right."""

    def __init__(self, heads: tuple[str, ...], listeners: int) -> None:
        self._heads = heads
        self._listeners = listeners
        self._rows: list[list[str]] = []
        self._faults: list[str] = []

    def add(self, cells: list[str], faults: list[str]) -> None:
        self._rows.append(cells)
        self._faults += [f"{cells[0]}: {fault}" for fault in faults]
        self._say(f"| {' | '.join(cells)} |")

    def end(self) -> int:
        """Return the exit code."""
        when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        load = os.getloadavg()[0]
        self._say(
            f"\n{self._listeners} light listeners and two Chromium, {when}, {machine()}, "
            f"load {load:.0f}.\n\n{table(self._heads, self._rows)}\n"
        )
        for fault in self._faults:
            self._say(f"WRONG: {fault}")
        return 1 if self._faults else 0

    def _say(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
