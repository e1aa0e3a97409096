"""`systemctl stop` while there is work: the units' own commands get SIGTERM and end within their
TimeoutStopSec; what was begun is done once, what was not is done by the next one.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Delivery, Notification
from accounts.notifications import deliver
from accounts.services import relationships
from config import mail, schedule
from config.celery import app
from config.env import ROOT
from config.http import outgoing
from spaces.models import Recording, Reminder
from spaces.services import reminder_delivery, scheduling
from spaces.services.scheduling import SpaceDraft
from tests.accounts.outgoing import with_browser
from tests.accounts.pushbox import Pushbox, running_pushbox
from tests.deploy.test_systemd import section
from tests.media_relay.egress.studio import voice
from tests.media_relay.egress.tape import Tape
from tests.spaces import archive
from tests.spaces.town import people, person
from tests.stack.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600), pytest.mark.stack]
READY_S = 120.0
DONE_S = 90.0
PACKET_MS, TALK_MS = 20, 300_000
READY = {"beat": "parley: beat is ready"}


class Unit:
    """The command of a unit as systemd runs it, on the database, Redis and files of the tests."""

    def __init__(self, name: str, folder: Path) -> None:
        service = section(f"parley-{name}.service")
        self.stop_within_s = int(service.get("TimeoutStopSec", "90"))
        variables = dict(one.split("=", 1) for one in service.get("Environment", "").split())
        command = service["ExecStart"].replace("%%", "%")
        for variable, value in variables.items():
            command = command.replace("${" + variable + "}", value)
        program, *arguments = shlex.split(command)
        assert program == "/opt/parley/.venv/bin/celery"
        self._argv = [sys.executable, "-m", "celery", *arguments]
        self._ready = READY.get(name, "parley: worker is ready")
        self.log_path = folder / f"{name}.log"
        self._environ = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "DATA_DIR": str(settings.DATA_DIR),
            "REDIS_URL": settings.REDIS_URL,
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def start(self) -> "subprocess.Popen[bytes]":
        with self.log_path.open("wb") as log:
            process = subprocess.Popen(
                self._argv,
                cwd=ROOT,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: self._ready in self.log, f"{self._argv} is ready", READY_S)
        return process

    def stop(self, process: "subprocess.Popen[bytes]") -> float:
        """Tell the first process to end, as KillMode=mixed does; return how many seconds it took.

        Raises subprocess.TimeoutExpired where systemd would kill it.
        """
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(self.stop_within_s) == 0, self.log
        assert "Traceback" not in self.log, self.log
        return time.monotonic() - begun


def database_url() -> str:
    """Return where the tests' own tables are."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    who = f"{values['USER']}:{values['PASSWORD']}".rstrip(":")
    return f"postgres://{who}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Callable[[str], Unit]]:
    yield lambda name: Unit(name, tmp_path)


@pytest.fixture
def ended() -> Iterator[list["subprocess.Popen[bytes]"]]:
    """What is left of a test that failed."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


Started = list["subprocess.Popen[bytes]"]


def test_the_clock_ends_a_sweep_of_reminders_and_the_next_one_tells_the_others(
    unit: Callable[[str], Unit], ended: Started
) -> None:
    host, *subscribers = people("host", *(f"s{number}" for number in range(1500)))
    soon = timezone.now() + timedelta(minutes=10)
    space = scheduling.schedule(host, SpaceDraft("Fifteen hundred"), soon, "Asia/Jakarta")
    wishes = [Reminder(space=space, user=one, kind=Reminder.Kind.LIVE) for one in subscribers]
    Reminder.objects.bulk_create(wishes)
    scheduling.start(space, host)
    clock = unit("clock")
    ended.append(clock.start())  # It sweeps as soon as it is there.
    wait_until(told, "the first batch is told", READY_S)
    clock.stop(ended[-1])
    ended.append(clock.start())
    wait_until(lambda: told() == len(subscribers), "everybody is told", DONE_S)
    clock.stop(ended[-1])
    notices = Notification.objects.filter(kind="space_live")
    assert notices.count() == notices.values("recipient").distinct().count() == len(subscribers)


def told() -> int:
    return Reminder.objects.filter(fired_at__isnull=False).count()


@pytest.fixture
def service() -> Iterator[Pushbox]:
    with running_pushbox() as box:
        yield box


def test_the_delivery_worker_ends_what_it_sends_and_leaves_the_rest(
    unit: Callable[[str], Unit], ended: Started, service: Pushbox
) -> None:
    budi, *owners = people("budi", *(f"p{number}" for number in range(40)))
    for owner in owners:
        with_browser(owner, service, f"of-{owner.handle}")
        relationships.follow(budi, owner)
    service.gate.clear()  # It takes what is sent and does not answer.
    delivery = unit("delivery")
    ended.append(delivery.start())
    app.send_task("accounts.tasks.deliver", queue="delivery")
    wait_until(service.arrived.is_set, "something is being sent", READY_S)
    ended[-1].send_signal(signal.SIGTERM)
    service.gate.set()
    delivery.stop(ended[-1])
    states = dict(Delivery.objects.values_list("pk", "state"))
    sent = [pk for pk, state in states.items() if state == "sent"]
    assert len(sent) == len(service.got) > 0, "What was begun is noted."
    left = Delivery.objects.filter(state="waiting")
    assert left.count() == len(owners) - len(sent)
    assert set(left.values_list("attempts", "claim")) <= {(0, None)}, "Nobody has it."

    left.update(due_at=timezone.now())
    ended.append(delivery.start())
    app.send_task("accounts.tasks.deliver", queue="delivery")
    wait_until(lambda: len(service.got) == len(owners), "all are sent", DONE_S)
    delivery.stop(ended[-1])
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert len(service.got) == len(owners), "Each once."


def test_the_worker_ends_a_rendering(unit: Callable[[str], Unit], ended: Started) -> None:
    recording = archive.waiting(person("host"))
    talk(recording)
    worker = unit("worker")
    ended.append(worker.start())
    app.send_task("spaces.tasks.render_replay", args=(recording.pk,), queue="celery")

    def now() -> Recording:
        return Recording.objects.get(pk=recording.pk)

    wait_until(lambda: now().progress > 0, "it is being rendered", READY_S)
    took_s = worker.stop(ended[-1])
    assert (now().state, now().version, now().attempts) == (Recording.State.READY, 1, 0)
    assert abs(now().duration_ms - TALK_MS) < 1000
    ended.append(worker.start())
    app.send_task("spaces.tasks.render_replay", args=(recording.pk,), queue="celery")
    worker.stop(ended[-1])
    assert now().version == 1, "It is not done twice."
    assert took_s < worker.stop_within_s


def talk(recording: Recording) -> None:
    """Write the log of TALK_MS without a pause, which takes some seconds to render."""
    for leftover in recording.log_path.iterdir():
        leftover.unlink()
    host, packets = str(recording.space.host_id), voice("slt-sunday")
    tape = Tape(recording.log_path).begin(0)
    tape.assign(0, active=host, a0=host)
    for index, at_ms in enumerate(range(0, TALK_MS, PACKET_MS)):
        tape.sound(0, packets[index % len(packets)], at_ms)
        if at_ms % 1000 == 0:
            tape.report(at_ms, [0])
            tape.flush()
    tape.end(TALK_MS)


def test_beat_ends_and_goes_on_where_it_was(
    unit: Callable[[str], Unit], ended: Started, own_redis: redis.Redis
) -> None:
    beat = unit("beat")
    for _ in range(2):
        own_redis.delete("clock")
        ended.append(beat.start())
        wait_until(lambda: own_redis.llen("clock"), "it sends", READY_S)
        beat.stop(ended[-1])
        assert list(Path(settings.DATA_DIR).glob("celerybeat-schedule*")), "What was sent when."
    work = [json.loads(one)["headers"]["task"] for one in own_redis.lrange("celery", 0, -1)]
    hourly = {task for task, every_s in schedule.EVERY_S.items() if every_s >= 3600}
    assert not hourly & set(work), "A new start is no new hour."


def test_what_is_begun_has_the_time_to_end() -> None:
    """Longer than that is killed in the middle, and a mail that was taken is sent again."""
    clock, delivery = (
        int(section(f"parley-{name}.service")["TimeoutStopSec"]) for name in ("clock", "delivery")
    )
    assert clock > reminder_delivery.SWEEP_S * 1.5, "And the batch that was begun at its end."
    assert deliver.LOOK_S + max(mail.TOTAL_S, outgoing.TOTAL_S) < delivery
    worker = int(section("parley-worker.service")["TimeoutStopSec"])
    assert worker > settings.CELERY_TASK_TIME_LIMIT
