"""Spaces, reminders, replays and captions: the last that fits, and one more."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from config.limits import LIMITS
from posts.models import Post
from spaces.consumers.reactions import ReactionLimit
from spaces.models import Reminder, Space
from spaces.rooms import commands, service
from spaces.rooms.errors import RoomError
from spaces.services import captions, clips, reminders, replays, scheduling
from spaces.services.captions import Line
from spaces.services.scheduling import SpaceDraft
from tests.spaces import archive
from tests.spaces.town import live_space, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice")


def refusal_of_draft(host: User, draft: SpaceDraft, ahead_s: float = 3600) -> str:
    try:
        scheduling.schedule(host, draft, timezone.now() + timedelta(seconds=ahead_s))
    except RoomError as error:
        return error.code
    return ""


def test_topics_are_as_many_and_as_long_as_they_may_be(alice: User) -> None:
    topics = [f"Topic {number}" for number in range(LIMITS.space_topics + 1)]
    longest = "x" * LIMITS.topic_chars
    assert refusal_of_draft(alice, SpaceDraft("Tea", topics=topics[1:])) == ""
    assert refusal_of_draft(alice, SpaceDraft("Tea", topics=topics)) == "bad_topics"
    assert refusal_of_draft(alice, SpaceDraft("Tea", topics=[longest])) == ""
    assert refusal_of_draft(alice, SpaceDraft("Tea", topics=[longest + "x"])) == "bad_topics"


def test_a_stored_space_holds_the_longest_title(alice: User) -> None:
    title = "x" * LIMITS.space_title_chars
    space = scheduling.open_now(alice, SpaceDraft(title))
    assert Space.objects.get(pk=space.pk).title == title


def test_spaces_are_planned_as_far_ahead_as_may_be(alice: User) -> None:
    assert refusal_of_draft(alice, SpaceDraft("Tea"), LIMITS.schedule_ahead_s - 60) == ""
    assert refusal_of_draft(alice, SpaceDraft("Tea"), LIMITS.schedule_ahead_s + 60) == "bad_time"


def test_as_many_spaces_are_planned_as_may_be(alice: User) -> None:
    for _ in range(LIMITS.scheduled_spaces):
        assert refusal_of_draft(alice, SpaceDraft("Tea")) == ""
    assert refusal_of_draft(alice, SpaceDraft("Tea")) == "too_many"


@pytest.mark.parametrize(("before_s", "refused"), [(-1, False), (60, True)])
def test_a_space_starts_as_early_as_it_may(alice: User, before_s: int, refused: bool) -> None:
    early = timedelta(seconds=LIMITS.early_start_s + before_s)
    space = scheduling.schedule(alice, SpaceDraft("Tea"), timezone.now() + timedelta(hours=30))
    Space.objects.filter(pk=space.pk).update(scheduled_for=timezone.now() + early)
    space.refresh_from_db()
    if refused:
        with pytest.raises(RoomError, match="too_early"):
            scheduling.start(space, alice)
    else:
        assert scheduling.start(space, alice).state == Space.State.LIVE


def test_reminders_are_due_when_they_may_be(alice: User) -> None:
    space = scheduling.schedule(alice, SpaceDraft("Tea"), timezone.now() + timedelta(hours=30))
    due, start = reminders.due_times(space), space.scheduled_for
    assert start is not None
    assert due[Reminder.Kind.EARLY] == start - timedelta(seconds=LIMITS.remind_before_s)
    assert due[Reminder.Kind.LATE] == start + timedelta(seconds=LIMITS.late_notice_s)
    assert due[Reminder.Kind.HOST_EARLY] == start - timedelta(seconds=LIMITS.remind_host_before_s)


def test_a_room_has_as_many_pins_as_it_may(alice: User) -> None:
    space = live_space(alice)
    actor = service.actor_of(alice)
    posts = [Post.objects.create(author=alice, text="Tea") for _ in range(LIMITS.pins + 1)]
    for post in posts[1:]:
        service.execute(space.public_id, actor, commands.AddPin(post.get_absolute_url()))
    with pytest.raises(RoomError, match="too_many"):
        service.execute(space.public_id, actor, commands.AddPin(posts[0].get_absolute_url()))
    assert space.pins.count() == LIMITS.pins


def test_a_clip_is_as_long_as_it_may_be(alice: User) -> None:
    recording = archive.replay(alice)
    longest_ms = min(LIMITS.clip_s * 1000, 60_000)
    assert clips.cut(recording, alice, 0, longest_ms).to_ms == longest_ms
    with pytest.raises(RoomError, match="bad_time"):
        clips.cut(recording, alice, 0, LIMITS.clip_s * 1000 + 1)


def test_a_replay_has_as_many_clips_as_it_may(alice: User) -> None:
    recording = archive.replay(alice)
    for _ in range(LIMITS.clips_per_replay):
        clips.cut(recording, alice, 0, 1000)
    with pytest.raises(RoomError, match="too_many"):
        clips.cut(recording, alice, 0, 1000)


def test_a_recording_that_never_was_ready_is_kept_as_long_as_it_may_be(alice: User) -> None:
    stopped_at = timezone.now()
    archive.waiting(alice, stopped_at=stopped_at)
    kept = timedelta(seconds=LIMITS.replay_kept_s)
    assert replays.sweep(stopped_at + kept - timedelta(seconds=5)) == 0
    assert replays.sweep(stopped_at + kept + timedelta(seconds=5)) == 1


def test_captions_are_kept_as_long_as_they_may_be() -> None:
    now_ms = time.time() * 1000
    kept_ms = LIMITS.captions_kept_s * 1000
    old = Line(1, "alice", "Old", round(now_ms - kept_ms - 5000))
    new = Line(1, "alice", "New", round(now_ms - kept_ms + 5000))
    for line in (old, new):
        captions.remember("kept", line)
    assert [line.text for line in captions.lines("kept", 0)] == ["New"]


def test_reactions_are_as_many_as_may_be() -> None:
    limit = ReactionLimit()
    apart_s = LIMITS.reaction_every_ms / 1000
    assert limit.allows(1, 100.0)
    assert not limit.allows(1, 100.0 + apart_s * 0.9)
    fits = [limit.allows(1, 100.0 + apart_s * number) for number in range(1, 1000)]
    within_a_minute = 1 + sum(fits[: int(59 / apart_s)])
    assert within_a_minute == min(LIMITS.reactions_per_minute, 1 + int(59 / apart_s))
