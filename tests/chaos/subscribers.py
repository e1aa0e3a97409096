"""One run of `tests.chaos.reminders` on one database: `python -m tests.chaos.subscribers PEOPLE
KILLS SEED`.

DATABASE_URL, REDIS_URL and DATA_DIR say where; the tables are there. Prints one line of JSON.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from spaces.models import Space  # The models are there only after django.setup().

from tests.stack.waiting import wait_until

PATIENCE_S = 120
BATCH = 1000


@dataclass(frozen=True)
class Outcome:
    """What was found in the database at the end; `lateness_s` has one number a person."""

    people: int
    told_once: int
    told_twice: int
    missing: int
    kills: int
    whole: int
    lateness_s: list[float]


class Crew:
    """One worker and two beats, each a process group of its own."""

    def __init__(self) -> None:
        celery = (sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "config")
        self._worker_argv = (
            *celery,
            "worker",
            "-Q",
            "clock",
            "-c",
            "2",
            "--prefetch-multiplier",
            "1",
        )
        self._worker = self._started(self._worker_argv)
        folder = os.environ["DATA_DIR"]
        self._beats = [
            self._started((*celery, "beat", "--pidfile=", "-s", f"{folder}/beat{n}"))
            for n in (1, 2)
        ]

    def _started(self, argv: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            argv,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )

    def kill_worker(self) -> None:
        """As a power cut would: parent and children at once; then somebody starts it again."""
        self._kill(self._worker)
        self._worker = self._started(self._worker_argv)

    def kill_one(self, chance: random.Random) -> bool:
        """As the kernel does when memory is short: one process that works.

        False if there is none yet.
        """
        children = _children_of(self._worker.pid)
        if not children:
            return False
        os.kill(chance.choice(children), signal.SIGKILL)
        return True

    def end(self) -> None:
        for process in (self._worker, *self._beats):
            self._kill(process)

    def _kill(self, process: "subprocess.Popen[bytes]") -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def run(people: int, kills: int, seed: int) -> Outcome:
    from spaces.services import scheduling

    chance = random.Random(seed)
    space = prepare(people)
    crew = Crew()
    try:
        scheduling.start(space, space.host)  # From here on everybody's reminder is due.
        whole = torment(crew, kills, chance, people)
        wait_until(lambda: fired() == people, "everybody is told", PATIENCE_S)
    finally:
        crew.end()
    return judge(people, kills, whole)


def prepare(count: int) -> "Space":
    """Return a Space that can be started, and that everybody waits for."""
    from django.utils import timezone

    from accounts.models import User
    from spaces.models import Reminder
    from spaces.services import scheduling
    from spaces.services.scheduling import SpaceDraft

    host = User.objects.create(handle="host", email="host@example.org")
    space = scheduling.schedule(
        host, SpaceDraft("Ten thousand"), timezone.now() + timedelta(minutes=10), "Asia/Jakarta"
    )
    rows = [User(handle=f"s{n}", email=f"s{n}@example.org", password="!") for n in range(count)]
    users = User.objects.bulk_create(rows, batch_size=BATCH)
    wishes = [Reminder(space=space, user=user, kind=Reminder.Kind.LIVE) for user in users]
    Reminder.objects.bulk_create(wishes, batch_size=BATCH)
    return space


def torment(crew: Crew, kills: int, chance: random.Random, people: int) -> int:
    """Kill at random moments of the work, and flush the broker once; return how often the whole
    worker went.

    A moment is a number of people told: the next batch has begun when it is seen, so each kill
    meets one half done.
    """
    from config import redis_clients

    moments = sorted(chance.sample(range(people - 500), kills))
    flush_at = chance.randrange(kills)
    whole = 0
    for number, moment in enumerate(moments):
        wait_until(lambda moment=moment: fired() >= moment, f"{moment} are told", PATIENCE_S)  # type: ignore[misc]  # mypy takes no defaults here.
        if number == flush_at:
            redis_clients.blocking().flushall()
        if chance.random() < 0.5 and crew.kill_one(chance):
            continue
        whole += 1
        crew.kill_worker()
    return whole


def fired() -> int:
    from spaces.models import Reminder

    return Reminder.objects.filter(kind=Reminder.Kind.LIVE, fired_at__isnull=False).count()


def judge(people: int, kills: int, whole: int) -> Outcome:
    from accounts.models import Notification, User
    from spaces.models import Reminder

    told = Counter(
        Notification.objects.filter(kind="space_live").values_list("recipient_id", flat=True)
    )
    everybody = User.objects.filter(handle__startswith="s").values_list("pk", flat=True)
    times = Reminder.objects.filter(kind=Reminder.Kind.LIVE, outcome=Reminder.Outcome.TOLD)
    late = [
        (fired - due).total_seconds()
        for fired, due in times.values_list("fired_at", "due_at")
        if fired and due
    ]
    counts = [told[pk] for pk in everybody]
    return Outcome(
        people=people,
        told_once=counts.count(1),
        told_twice=sum(1 for count in counts if count > 1),
        missing=counts.count(0),
        kills=kills,
        whole=whole,
        lateness_s=sorted(late),
    )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    people, kills, seed = (int(word) for word in sys.argv[1:4])
    sys.stdout.write(json.dumps(asdict(run(people, kills, seed))) + "\n")


if __name__ == "__main__":
    main()
