"""Clips: how long, how many, by whom, and the worker that cuts them (played by a stand-in)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from config.limits import LIMITS
from posts import link_cards
from spaces.models import Clip, Recording
from spaces.rooms.errors import RoomError
from spaces.services import clips, render_process, replays
from spaces.services.clip_cards import ClipCard
from tests.spaces import archive
from tests.spaces.town import people, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def host() -> User:
    return person("ayu")


@pytest.mark.parametrize(
    ("begin", "end"), [(0, 1_000), (0, 30_000), (59_000, 60_000), (50_000, 75_000)]
)
def test_it_cuts_1_to_30_seconds(begin: int, end: int, host: User) -> None:
    clip = clips.cut(archive.replay(host), host, begin, end)
    assert (clip.from_ms, clip.to_ms) == (begin, min(end, 60_000))


@pytest.mark.parametrize(
    ("begin", "end"),
    [(0, 999), (0, 30_001), (-1, 5_000), (5_000, 4_000), (59_500, 70_000), (9**9, 9**9 + 2)],
)
def test_it_refuses_other_lengths_and_places(begin: int, end: int, host: User) -> None:
    with pytest.raises(RoomError, match="bad_time"):
        clips.cut(archive.replay(host), host, begin, end)
    assert not Clip.objects.exists()


def test_it_refuses_a_long_title_and_tidies_others(host: User) -> None:
    recording = archive.replay(host)
    with pytest.raises(RoomError, match="bad_title"):
        clips.cut(recording, host, 0, 5_000, "x" * 71)
    assert clips.cut(recording, host, 0, 5_000, "  the \0 best\n bit ").title == "the best bit"


@pytest.mark.parametrize("state", ["waiting", "rendering", "failed", "deleted", "running"])
def test_it_cuts_nothing_that_is_not_ready(state: str, host: User) -> None:
    recording = archive.replay(host)
    recording.state = state
    with pytest.raises(RoomError, match="not_ready"):
        clips.cut(recording, host, 0, 5_000)


def test_it_has_a_most_of_clips(host: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "LIMITS", replace(LIMITS, clips_per_replay=1))
    recording = archive.replay(host)
    clips.cut(recording, host, 0, 5_000)
    with pytest.raises(RoomError, match="too_many"):
        clips.cut(recording, host, 0, 5_000)


@pytest.mark.parametrize(
    ("who", "may"), [("host", True), ("cutter", True), ("staff", True), ("stranger", False)]
)
def test_it_is_deleted_by_host_cutter_and_staff(who: str, may: bool, host: User) -> None:
    cutter, other = person("budi"), person("citra", is_staff=who == "staff")
    clip = archive.clip(archive.replay(host), cutter)
    actor = {"host": host, "cutter": cutter}.get(who, other)
    folder = clip.media_path
    if not may:
        with pytest.raises(RoomError, match="not_allowed"):
            clips.delete(clip, actor)
        assert folder.exists()
        return
    clips.delete(clip, actor)
    assert not folder.exists() and not Clip.objects.exists()


def test_it_goes_with_the_replay(host: User) -> None:
    recording = archive.replay(host)
    clip = archive.clip(recording, host)
    replays.delete(recording, host)
    assert not Clip.objects.exists() and not clip.media_path.exists()


def test_it_goes_with_the_account_of_who_cut_it(host: User) -> None:
    cutter = person("budi")
    clip = archive.clip(archive.replay(host), cutter)
    folder = clip.media_path
    cutter.delete()
    assert not folder.exists() and Recording.objects.exists()


# --- cutting --------------------------------------------------------------------------------------


def stand_in(asked: list[list[str]], code: str = "") -> Callable[..., None]:
    def run(
        arguments: Sequence[str], timeout_s: float, on_progress: Callable[[float], None]
    ) -> None:
        asked.append(list(arguments))
        if code:
            raise render_process.Failed(code)
        Path(arguments[arguments.index("--out") + 1]).write_bytes(b"clip")

    return run


def test_it_is_cut_once_from_the_newest_video(host: User, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(render_process, "run", stand_in(asked))
    clip = clips.cut(archive.replay(host), host, 1_500, 9_000)
    assert clips.due(timezone.now()) == [clip.pk]
    assert clips.render(clip.pk) and not clips.render(clip.pk)
    clip.refresh_from_db()
    assert (clip.state, clip.size) == (Clip.State.READY, 4)
    assert asked[0][1].endswith("/1/replay.mp4") and asked[0][2:6] == [
        "--from",
        "1.500",
        "--to",
        "9.000",
    ]


def test_it_is_tried_three_times(host: User, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(render_process, "run", stand_in(asked, "crashed"))
    clip = clips.cut(archive.replay(host), host, 0, 9_000)
    for _ in range(5):
        Clip.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        clips.render(clip.pk)
    clip.refresh_from_db()
    assert (clip.state, len(asked)) == (Clip.State.FAILED, 3)


def test_it_waits_while_the_replay_is_made_anew(host: User) -> None:
    recording = archive.replay(host)
    clips.cut(recording, host, 0, 9_000)
    Recording.objects.update(state="rendering")
    assert clips.due(timezone.now()) == []


# --- as a card ------------------------------------------------------------------------------------


def test_it_is_a_player_under_a_post(host: User) -> None:
    [budi] = people("budi")
    clip = archive.clip(archive.replay(host), host)
    url = f"http://localhost:8000{clip.get_absolute_url()}"
    card = link_cards.resolve([url], budi)[url]
    assert card.template == "spaces/_clip.html"
    clip_card = card.context["card"]
    assert isinstance(clip_card, ClipCard)
    assert "clip.mp4?until=" in clip_card.video


def test_it_is_no_card_for_who_may_not_watch(host: User) -> None:
    budi, citra = people("budi", "citra")
    clip = archive.clip(archive.replay(host), citra)
    url = f"http://localhost:8000{clip.get_absolute_url()}"
    relationships.block(citra, budi)
    assert link_cards.resolve([url], budi) == {}, "Who cut it has blocked them."
    relationships.block(host, citra)
    assert link_cards.resolve([url], citra) == {}, "The host has blocked them."
