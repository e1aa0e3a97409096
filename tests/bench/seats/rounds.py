"""The rounds on one database:

`python -m tests.bench.seats.rounds ROUNDS`, with DATABASE_URL and REDIS_URL set.
"""

import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

import django

PROCESSES = 4
WAIT_S = 120


@dataclass(frozen=True)
class Outcome:
    """What all rounds together gave; `round_ms` is from the start signal to the last answer."""

    rounds: int
    approvals: int
    seated: int
    stage_full: int
    round_ms: list[float]


def approve_on_demand(orders: Connection, start: Barrier, threads: int) -> None:
    """Body of a process: for each list of approvals, do all at the common start signal and send the
    answers back.
    """
    django.setup()
    from tests.bench.seats import race  # Models can be imported only now.

    def approve_at_the_signal(approval: race.Approval) -> str:
        start.wait(WAIT_S)
        try:
            return race.approve(approval)
        except Exception as error:  # Whatever it is, it is an answer that the check refuses.
            return f"{type(error).__name__}: {error}"

    with ThreadPoolExecutor(threads) as pool:  # Each thread keeps its own database connection.
        while approvals := orders.recv():
            orders.send(list(pool.map(approve_at_the_signal, approvals)))


class Crew:
    """Processes with threads, one for each approval, that all begin at once."""

    def __init__(self, contenders: int) -> None:
        # A fork would share the parent's database connection.
        context = multiprocessing.get_context("spawn")
        self.threads = contenders // PROCESSES
        self.start = context.Barrier(contenders + 1)
        pairs = [context.Pipe() for _ in range(PROCESSES)]
        self.orders = [ours for ours, _ in pairs]
        self.processes = [
            context.Process(target=approve_on_demand, args=(theirs, self.start, self.threads))
            for _, theirs in pairs
        ]
        for process in self.processes:
            process.start()

    def run(self, approvals: list[tuple[str, int, int]]) -> tuple[list[str], float]:
        """Return the answers in the order of `approvals`, and the milliseconds until the last."""
        for i, orders in enumerate(self.orders):
            orders.send(approvals[i * self.threads : (i + 1) * self.threads])
        self.start.wait(WAIT_S)
        begun = time.monotonic()
        answers = [answer for orders in self.orders for answer in orders.recv()]
        return answers, (time.monotonic() - begun) * 1000

    def end(self) -> None:
        for orders in self.orders:
            orders.send([])
        for process in self.processes:
            process.join(WAIT_S)


def run(rounds: int) -> Outcome:
    """Run all rounds. Raises AssertionError at the first that has not exactly one winner."""
    from tests.bench.seats import race  # Models can be imported only now.

    crew = Crew(race.CONTENDERS)
    room = race.prepare()
    answers: list[str] = []
    times: list[float] = []
    try:
        for _ in range(rounds):
            outcomes, took_ms = crew.run(room.approvals())
            room.put_back(room.check(outcomes))
            answers += outcomes
            times.append(took_ms)
    finally:
        crew.end()
    return Outcome(
        rounds, len(answers), answers.count(race.SEATED), answers.count("stage_full"), times
    )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.stdout.write(json.dumps(asdict(run(int(sys.argv[1])))) + "\n")


if __name__ == "__main__":
    main()
