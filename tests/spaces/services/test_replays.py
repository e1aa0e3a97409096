"""From the log of packets to a replay, and its end; the renderer is played by a stand-in."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from posts.models import Post
from spaces import tasks
from spaces.models import AuditEntry, Clip, Recording, Space, TranscriptLine
from spaces.rooms import commands, service
from spaces.rooms.actor import SYSTEM, Actor
from spaces.rooms.errors import RoomError
from spaces.services import render_process, rendering, replays
from tests.spaces import archive
from tests.spaces.town import live_space, people, person

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[[Sequence[str], float, Callable[[float], None]], None]


class Renderer:
    """Stands in for the child: notes what it was asked, says how far it is, writes the files."""

    def __init__(self, **told: Any) -> None:  # Any: what the report holds.
        self.told = told
        self.asked: list[list[str]] = []
        self.during: Callable[[], None] = lambda: None
        self.fails_with = ""

    def __call__(
        self, arguments: Sequence[str], timeout_s: float, on_progress: Callable[[float], None]
    ) -> None:
        self.asked.append(list(arguments))
        on_progress(0.5)
        self.during()
        on_progress(0.9)
        if self.fails_with:
            raise render_process.Failed(self.fails_with)
        archive.write_files(
            Path(arguments[arguments.index("--out") + 1]), archive.report(**self.told)
        )


@pytest.fixture
def renderer(monkeypatch: pytest.MonkeyPatch) -> Renderer:
    made = Renderer()
    monkeypatch.setattr(render_process, "run", made)
    return made


@pytest.fixture
def host() -> User:
    return person("ayu")


# --- following the room ---------------------------------------------------------------------------


def test_it_has_one_recording_however_often_it_starts_and_stops(host: User) -> None:
    space, me = live_space(host), Actor(host.pk)
    for command in (commands.StartRecording(), commands.StopRecording(), commands.StartRecording()):
        service.execute(space.public_id, me, command)
    recording = Recording.objects.get(space=space)
    assert (recording.state, recording.stopped_at) == (Recording.State.RUNNING, None)
    service.execute(space.public_id, me, commands.EndSpace())
    recording.refresh_from_db()
    assert (recording.state, recording.stopped_at is None) == (Recording.State.WAITING, False)
    assert rendering.due(timezone.now()) == [], (
        "Egress has 15 s to bring the last packets to the disk."
    )
    assert rendering.due(timezone.now() + timedelta(seconds=16)) == [recording.pk]


def test_it_is_due_after_the_end_though_it_was_stopped_before(host: User) -> None:
    space, me = live_space(host), Actor(host.pk)
    for command in (commands.StartRecording(), commands.StopRecording(), commands.EndSpace()):
        service.execute(space.public_id, me, command)
    assert Recording.objects.get(space=space).state == Recording.State.WAITING


def test_it_has_no_recording_of_a_space_that_was_not_recorded(host: User) -> None:
    space = live_space(host)
    service.execute(space.public_id, Actor(host.pk), commands.EndSpace())
    assert (
        not Recording.objects.exists() and rendering.due(timezone.now() + timedelta(hours=1)) == []
    )


def test_it_logs_every_word_on_being_recorded(host: User) -> None:
    budi = person("budi")
    space = live_space(host, speak_rule="everyone", recording_wanted=True)
    service.execute(space.public_id, Actor(host.pk), commands.StopRecording())
    from config import redis_clients
    from spaces.services import presence_store

    redis_clients.blocking().zadd(presence_store.key(space.public_id), {str(budi.pk): time.time()})
    service.execute(space.public_id, Actor(budi.pk), commands.RequestToSpeak())
    service.execute(space.public_id, Actor(host.pk), commands.StartRecording())
    service.execute(space.public_id, Actor(budi.pk), commands.DeclineConsent())
    log = list(
        AuditEntry.objects.filter(space=space).order_by("id").values_list("actor_handle", "action")
    )
    assert [entry for entry in log if entry[1].startswith(("recording", "consent"))] == [
        ("ayu", "recording.start"),
        ("ayu", "consent.give"),
        ("ayu", "recording.stop"),
        ("ayu", "recording.start"),
        ("ayu", "consent.give"),
        ("budi", "consent.decline"),
    ]


def test_it_logs_an_answer_that_never_came(host: User, monkeypatch: pytest.MonkeyPatch) -> None:
    budi = person("budi")
    space = live_space(host)
    space.seats.create(user=budi, role="speaker", order=5)
    service.execute(space.public_id, Actor(host.pk), commands.StartRecording())
    late = timezone.now() + timedelta(seconds=31)
    monkeypatch.setattr("spaces.rooms.service.timezone.now", lambda: late)
    service.execute(
        space.public_id, SYSTEM, commands.Tick({host.pk: late, budi.pk: late}, space.created_at)
    )
    entry = AuditEntry.objects.get(space=space, action="consent.expired")
    assert (entry.actor_role, entry.target_handle) == ("system", "budi")
    assert not space.seats.filter(user=budi).exists()


# --- rendering ------------------------------------------------------------------------------------


def test_it_renders_a_replay(host: User, renderer: Renderer) -> None:
    post = Post.objects.create(author=host, text="the map")
    recording = archive.waiting(host)
    notes = [
        {"at_ms": 4_000, "note": {"type": "pin", "post": post.pk}},
        {"at_ms": 5_000, "note": {"type": "other"}},
    ]
    renderer.told = {"said": [(host.pk, 0, 2_000, "hello there")], "notes": notes}
    assert rendering.render(recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.version, recording.progress) == (
        Recording.State.READY,
        1,
        100,
    )
    assert (recording.duration_ms, recording.has_video, len(recording.chapters)) == (
        60_000,
        True,
        1,
    )
    assert [(at, shown.text) for at, shown in replays.pins_for(recording, None)] == [
        (4_000, "the map")
    ]
    assert [(line.name, line.text) for line in recording.space.transcript.all()] == [
        (f"user {host.pk}", "hello there")
    ]
    assert recording.expires_at is not None
    assert timedelta(days=29) < recording.expires_at - timezone.now() <= timedelta(days=30)


def test_it_tells_the_renderer_who_is_who(host: User, renderer: Renderer) -> None:
    recording = archive.waiting(host)
    seen: list[str] = []

    def look() -> None:
        seen.append(Path(renderer.asked[0][renderer.asked[0].index("--people") + 1]).read_text())

    renderer.during = look
    rendering.render(recording.pk)
    assert (
        f'"{host.pk}": {{"name": "ayu", "avatar": null}}' in seen[0] and '"title": "Tea"' in seen[0]
    )
    out = Path(settings.MEDIA_ROOT) / Recording.objects.get(pk=recording.pk).media_name
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [*rendering.FILES, rendering.REPORT]
    )


def test_it_shows_how_far_it_is(host: User, renderer: Renderer) -> None:
    recording = archive.waiting(host)
    seen: list[int] = []
    renderer.during = lambda: seen.append(Recording.objects.get(pk=recording.pk).progress)
    rendering.render(recording.pk)
    assert seen == [50]


def test_it_renders_once_however_often_the_task_comes(host: User, renderer: Renderer) -> None:
    recording = archive.waiting(host)
    renderer.during = lambda: (
        renderer.asked.append(["second"]) if rendering.render(recording.pk) else None
    )
    assert rendering.render(recording.pk)
    assert not rendering.render(recording.pk)
    assert len(renderer.asked) == 1


def test_it_hands_out_what_waits_and_what_a_silent_worker_had(host: User) -> None:
    first, second = archive.waiting(host), archive.waiting(person("budi"))
    now = timezone.now() + timedelta(seconds=1)
    assert rendering.due(now) == [first.pk, second.pk]
    Recording.objects.filter(pk=first.pk).update(
        state="rendering", lease_until=now + timedelta(seconds=30)
    )
    assert rendering.due(now) == [second.pk]
    assert rendering.due(now + timedelta(seconds=31)) == [first.pk, second.pk], (
        "Its worker has fallen silent; it was first."
    )
    Recording.objects.filter(pk=first.pk).update(state="ready")
    assert rendering.due(now) == [second.pk]


@pytest.mark.parametrize(("processes", "at_once"), [(1, 1), (2, 1), (3, 2)])
def test_it_leaves_one_process_of_a_worker_to_other_work(
    host: User,
    renderer: Renderer,
    settings: Settings,
    tmp_path: Path,
    processes: int,
    at_once: int,
) -> None:
    settings.ENV = replace(settings.ENV, worker_processes=processes)
    settings.DATA_DIR = tmp_path
    waiting = [archive.waiting(person(f"host{n}")).pk for n in range(at_once + 1)]

    def next_one() -> None:
        if len(renderer.asked) <= at_once:
            found.append(rendering.render(waiting[len(renderer.asked)]))

    found: list[bool] = []
    renderer.during = next_one
    assert rendering.render(waiting[0])
    assert found == [False, *[True] * (at_once - 1)]
    assert Recording.objects.get(pk=waiting[-1]).state == Recording.State.WAITING
    renderer.during = lambda: None
    assert rendering.render(waiting[-1]), "There is room again."


def test_it_lets_no_task_for_a_rendering_pile_up(host: User, own_redis: redis.Redis) -> None:
    Recording.objects.filter(pk=archive.waiting(host).pk).update(due_at=timezone.now())
    for _ in range(5):
        tasks.find_renderings()
    assert own_redis.llen("celery") == 1


def test_it_takes_over_from_a_worker_that_died(host: User, renderer: Renderer) -> None:
    recording = archive.waiting(
        host, state="rendering", attempts=1, lease_until=timezone.now() - timedelta(seconds=1)
    )
    assert rendering.render(recording.pk)
    recording.refresh_from_db()
    assert recording.state == Recording.State.READY


def test_it_leaves_the_work_to_who_took_over(host: User, renderer: Renderer) -> None:
    recording = archive.waiting(host)

    def another_takes_over() -> None:
        Recording.objects.filter(pk=recording.pk).update(attempts=7)

    renderer.during = another_takes_over
    rendering.render(recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.attempts) == (Recording.State.RENDERING, 7)


def test_it_stops_when_the_replay_is_deleted_meanwhile(host: User, renderer: Renderer) -> None:
    recording = archive.waiting(host)
    renderer.during = lambda: replays.delete(
        Recording.objects.select_related("space").get(pk=recording.pk), host
    )
    rendering.render(recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.log_path.exists()) == (Recording.State.DELETED, False)


@pytest.mark.parametrize(
    ("code", "tries"), [("crashed", 3), ("disk_full", 3), ("empty", 1), ("unreadable", 1)]
)
def test_it_tries_again_what_may_get_better(
    code: str, tries: int, host: User, renderer: Renderer
) -> None:
    recording = archive.waiting(host)
    renderer.fails_with = code
    for _ in range(5):
        Recording.objects.filter(pk=recording.pk, state="waiting").update(due_at=timezone.now())
        rendering.render(recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.failure, len(renderer.asked)) == (
        Recording.State.FAILED,
        code,
        tries,
    )


# --- the host's -----------------------------------------------------------------------------------


def test_it_begins_where_the_host_says_and_keeps_corrections(
    host: User, renderer: Renderer
) -> None:
    said = [
        (host.pk, 0, 2_000, "testing testing"),
        (host.pk, 9_000, 11_000, "good evening"),
        (host.pk, 20_000, 21_000, "yes"),
    ]
    renderer.told = {"said": said}
    recording = archive.waiting(host)
    rendering.render(recording.pk)
    TranscriptLine.objects.filter(start_ms=9_000).update(text="Good evening!", is_corrected=True)
    recording = Recording.objects.select_related("space").get(pk=recording.pk)
    replays.set_start(recording, host, 8_000)
    renderer.told = {
        "said": [(user, start - 8_000, end - 8_000, text) for user, start, end, text in said[1:]],
        "duration_ms": 52_000,
    }
    assert rendering.render(recording.pk)
    assert renderer.asked[1][-2:] == ["--from", "8.000"]
    lines = TranscriptLine.objects.filter(space=recording.space)
    assert [(line.start_ms, line.text) for line in lines] == [
        (1_000, "Good evening!"),
        (12_000, "yes"),
    ]
    recording.refresh_from_db()
    assert (recording.version, recording.duration_ms) == (2, 52_000)
    folder = Path(settings.MEDIA_ROOT) / "replays" / recording.folder
    assert [path.name for path in folder.iterdir()] == ["2"], (
        "The old files, with the beginning in them, are gone."
    )


@pytest.mark.parametrize("from_ms", [-1, 59_001, 10**9])
def test_it_refuses_a_beginning_outside_of_it(from_ms: int, host: User) -> None:
    recording = archive.replay(host)
    with pytest.raises(RoomError, match="bad_time"):
        replays.set_start(recording, host, from_ms)


@pytest.mark.parametrize("who", ["stranger", "staff"])
def test_it_lets_nobody_else_set_the_beginning(who: str, host: User) -> None:
    recording = archive.replay(host)
    other = person("budi", is_staff=who == "staff")
    with pytest.raises(RoomError, match="not_allowed"):
        replays.set_start(recording, other, 1_000)
    with pytest.raises(RoomError, match="not_allowed"):
        replays.retry(recording, other)


@pytest.mark.parametrize(
    ("who", "may"), [("host", True), ("staff", True), ("cohost", False), ("stranger", False)]
)
def test_it_is_deleted_by_host_and_staff_alone(who: str, may: bool, host: User) -> None:
    recording = archive.replay(host, [(host.pk, 0, 1, "hi")])
    other = host if who == "host" else person("budi", is_staff=who == "staff")
    archive.came(recording.space, other)
    archive.clip(recording, host)
    if not may:
        with pytest.raises(RoomError, match="not_allowed"):
            replays.delete(recording, other)
        return
    replays.delete(recording, other)
    recording.refresh_from_db()
    assert recording.state == Recording.State.DELETED
    assert not (Clip.objects.exists() or TranscriptLine.objects.exists())
    assert (
        not recording.log_path.exists()
        and not (Path(settings.MEDIA_ROOT) / "replays" / recording.folder).exists()
    )
    assert AuditEntry.objects.filter(action="replay.delete", actor=other).exists()


# --- the end --------------------------------------------------------------------------------------


def test_it_goes_after_30_days(host: User) -> None:
    recording = archive.replay(host, [(host.pk, 0, 1, "hi")])
    assert replays.sweep(timezone.now() + timedelta(days=29, hours=23)) == 0
    assert replays.sweep(timezone.now() + timedelta(days=30)) == 1
    recording.refresh_from_db()
    assert (recording.state, recording.log_path.exists()) == (Recording.State.DELETED, False)
    assert not TranscriptLine.objects.exists()


def test_it_keeps_the_transcript_where_the_host_chose_that(host: User) -> None:
    recording = archive.replay(host, [(host.pk, 0, 1, "hi")])
    Space.objects.filter(pk=recording.space_id).update(transcript_wanted=True)
    replays.sweep(timezone.now() + timedelta(days=31))
    assert list(TranscriptLine.objects.visible_to(None).values_list("text", flat=True)) == ["hi"]


def test_it_lets_go_what_was_never_ready(host: User) -> None:
    recording = archive.waiting(host, state="failed", stopped_at=timezone.now())
    assert replays.sweep(timezone.now() + timedelta(days=29)) == 0
    assert (
        replays.sweep(timezone.now() + timedelta(days=31)) == 1 and not recording.log_path.exists()
    )


def test_it_goes_with_the_hosts_account(host: User) -> None:
    recording = archive.replay(host)
    folder = Path(settings.MEDIA_ROOT) / "replays" / recording.folder
    assert folder.exists()
    host.delete()
    assert not folder.exists() and not recording.log_path.exists()


def test_it_sweeps_up_what_no_row_knows(host: User) -> None:
    kept = archive.replay(host)
    lost = [
        Path(settings.DATA_DIR) / "recordings" / "lost",
        Path(settings.MEDIA_ROOT) / "replays" / "lost",
    ]
    for folder in lost:
        folder.mkdir(parents=True)
        os.utime(folder, (0, 0))
    fresh = Path(settings.DATA_DIR) / "recordings" / "fresh"
    fresh.mkdir()
    replays.sweep(timezone.now())
    assert [folder.exists() for folder in lost] == [False, False]
    assert kept.log_path.exists() and fresh.exists(), "A row may come a moment after its folder."


def test_it_shows_nothing_of_a_recording_that_runs_or_is_gone(host: User) -> None:
    [budi] = people("budi")
    recording = archive.replay(host)
    assert replays.find_for(recording.space, budi) == recording
    for state in ("running", "deleted"):
        Recording.objects.filter(pk=recording.pk).update(state=state)
        assert replays.find_for(recording.space, budi) is None
