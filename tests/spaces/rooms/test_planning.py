"""Editing and moving before the start (RULES §3), and what a changed zone rule does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from config.limits import LIMITS
from spaces.rooms import commands as c
from spaces.rooms import rules
from spaces.rooms.actor import SYSTEM
from spaces.rooms.state import Phase, Room, SpeakRule
from spaces.rooms.wall_clock import WallTime
from tests.spaces.rooms.world import COHOST, HOST, LISTENER, NOW, STAFF, do, live_room, refusal

EDIT = c.EditSpace(" Coffee \n now", ("Food",), "id", SpeakRule.EVERYONE, True, True, True, False)
TOMORROW = NOW + timedelta(days=1)
MOVE = c.MoveSpace(TOMORROW, "Europe/Berlin")


def waiting_room() -> Room:
    room = live_room()
    return replace(room, phase=Phase.SCHEDULED, seats=(), scheduled_for=NOW + timedelta(hours=2))


def test_it_changes_all_that_the_form_asks_for() -> None:
    after = do(waiting_room(), HOST, EDIT)
    assert (after.title, after.topics, after.language) == ("Coffee now", ("Food",), "id")
    assert (after.speak_rule, after.video) == (SpeakRule.EVERYONE, True)
    assert after.recording_wanted and after.transcript_wanted and not after.visitors_allowed
    assert after.rev == waiting_room().rev + 1


def test_it_moves_the_start_and_keeps_what_the_clock_on_the_wall_shows() -> None:
    after = do(waiting_room(), HOST, MOVE)
    assert after.scheduled_for == TOMORROW
    assert after.wall_time is not None
    assert (after.wall_time.zone, after.wall_time.instant) == ("Europe/Berlin", TOMORROW)


@pytest.mark.parametrize("command", [EDIT, MOVE])
@pytest.mark.parametrize(
    ("user", "code"),
    [(None, "log_in"), (LISTENER, "not_allowed"), (COHOST, "not_allowed"), (STAFF, "not_allowed")],
)
def test_it_lets_the_host_alone(command: c.RoomCommand, user: int | None, code: str) -> None:
    assert refusal(waiting_room(), user, command) == code


@pytest.mark.parametrize("command", [EDIT, MOVE])
def test_it_is_too_late_once_live_or_over(command: c.RoomCommand) -> None:
    assert refusal(live_room(), HOST, command) == "already_started"
    assert refusal(replace(live_room(), phase=Phase.ENDED), HOST, command) == "ended"


@pytest.mark.parametrize("ahead_s", [0, -1, LIMITS.schedule_ahead_s + 1])
def test_it_refuses_a_time_that_has_passed_or_is_too_far(ahead_s: int) -> None:
    command = c.MoveSpace(NOW + timedelta(seconds=ahead_s), "UTC")
    assert refusal(waiting_room(), HOST, command) == "bad_time"


def test_it_refuses_a_title_of_nothing() -> None:
    assert refusal(waiting_room(), HOST, structs.replace(EDIT, title="\u200b")) == "bad_title"


def keep(room: Room) -> Room:
    return rules.apply(room, SYSTEM, c.KeepWallClock(), NOW, LIMITS)[0]


def test_it_follows_the_hosts_clock_when_the_zone_rules_changed() -> None:
    chosen = WallTime(datetime(2027, 7, 1, 19, 0), "Europe/Berlin")  # noqa: DTZ001
    room = replace(
        waiting_room(), wall_time=chosen, scheduled_for=datetime(2027, 7, 1, 18, 0, tzinfo=UTC)
    )
    after = keep(room)
    assert (after.scheduled_for, after.rev) == (chosen.instant, room.rev + 1)
    assert keep(after) == after


def test_it_leaves_a_live_room_and_one_without_a_chosen_time_alone() -> None:
    chosen = WallTime(datetime(2027, 7, 1, 19, 0), "Europe/Berlin")  # noqa: DTZ001
    for room in (replace(live_room(), wall_time=chosen), waiting_room()):
        assert keep(room) == room
