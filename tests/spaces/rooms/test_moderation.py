"""Keeping order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spaces.rooms import commands as c
from spaces.rooms import snapshot
from spaces.rooms.actor import Actor
from spaces.rooms.relay_policy import policy_of
from spaces.rooms.state import EndReason, Phase, Presence, Role, Room
from tests.spaces.rooms.world import (
    COHOST,
    COHOST2,
    HOST,
    LISTENER,
    NOW,
    SPEAKER,
    SPEAKER2,
    STAFF,
    apply,
    do,
    know,
    live_room,
    refusal,
)


def loud(room: Room) -> Room:
    """Return the room with everybody's microphone, camera on."""
    return replace(
        room, seats=tuple(replace(seat, microphone=True, camera=True) for seat in room.seats)
    )


def speaking(room: Room) -> set[int]:
    return {int(user) for user, sources in policy_of(room).publishers.items() if sources.microphone}


def test_it_mutes_one_and_lets_them_open_again_by_themselves() -> None:
    room = do(loud(live_room()), HOST, c.MuteSeat(SPEAKER))
    seat = room.seat_of(SPEAKER)
    assert seat and not seat.microphone and seat.muted_by == HOST
    again = do(room, SPEAKER, c.SetMicrophone(True)).seat_of(SPEAKER)
    assert again and again.microphone and again.muted_by is None


@pytest.mark.parametrize(
    ("who", "left"),
    [(HOST, {HOST}), (COHOST, {HOST, COHOST}), (STAFF, {HOST})],
    ids=["host", "cohost", "staff"],
)
def test_it_mutes_all_but_the_host_and_who_pressed(who: int, left: set[int]) -> None:
    assert speaking(do(loud(live_room(cohosts=2, speakers=3)), who, c.MuteAll())) == left


def test_it_locks_microphones_of_speakers() -> None:
    room = do(live_room(), HOST, c.LockMicrophones(True))
    assert refusal(room, SPEAKER, c.SetMicrophone(True)) == "mics_locked"
    assert refusal(room, COHOST, c.SetMicrophone(True)) == ""
    assert refusal(do(room, HOST, c.LockMicrophones(False)), SPEAKER, c.SetMicrophone(True)) == ""


def test_it_asks_to_unmute_once_in_thirty_seconds() -> None:
    room, told = apply(live_room(), HOST, c.AskToUnmute(SPEAKER))
    assert [(type(event).__name__, vars(event)["to"]) for event in told] == [
        ("MeChanged", SPEAKER),
        ("UnmuteAsked", SPEAKER),
    ]
    assert room.rev == live_room().rev + 1, "A page that has not heard it notices."
    assert refusal(room, COHOST, c.AskToUnmute(SPEAKER), after_s=29) == "too_soon"
    assert refusal(room, COHOST, c.AskToUnmute(SPEAKER), after_s=30) == ""


def test_it_shows_the_one_asked_who_asks_until_they_unmute() -> None:
    room = do(live_room(), HOST, c.AskToUnmute(SPEAKER))
    asked = snapshot.me(room, Actor(SPEAKER)).unmute
    assert asked and (asked.by.id, asked.expires_at) == (HOST, NOW + timedelta(seconds=30))
    assert [snapshot.me(room, Actor(user)).unmute for user in (HOST, COHOST, None)] == [None] * 3
    room = do(room, SPEAKER, c.SetMicrophone(True))
    assert snapshot.me(room, Actor(SPEAKER)).unmute is None
    # Whoever goes off the stage and comes back was not asked.
    room = do(do(live_room(), HOST, c.AskToUnmute(SPEAKER)), SPEAKER, c.LeaveSeat())
    assert snapshot.me(room, Actor(SPEAKER)).unmute is None


def test_it_stops_camera_and_screen() -> None:
    room = do(loud(live_room()), COHOST, c.TurnCameraOff(SPEAKER))
    seat = room.seat_of(SPEAKER)
    assert seat and (seat.camera, seat.screen, seat.microphone) == (False, False, True)


def test_it_darkens_all_cameras_when_video_is_switched_off() -> None:
    room = do(loud(live_room()), HOST, c.UpdateRoom(video=False))
    assert not any(seat.camera for seat in room.seats)
    assert (
        refusal(room, SPEAKER, c.SetCamera(True))
        == refusal(room, SPEAKER, c.SetScreen(True))
        == "video_off"
    )


def test_it_hands_the_screen_to_who_shares_last() -> None:
    room = do(do(live_room(), SPEAKER, c.SetScreen(True)), HOST, c.SetScreen(True))
    assert [seat.user for seat in room.seats if seat.screen] == [HOST]


def test_it_moves_down_and_forgets_the_spotlight() -> None:
    room = do(loud(live_room()), HOST, c.SetSpotlight(SPEAKER))
    room = do(room, COHOST, c.MoveDown(SPEAKER))
    assert not room.seat_of(SPEAKER) and room.spotlight is None
    assert str(SPEAKER) not in policy_of(room).publishers


def test_it_removes_for_good_also_who_has_left() -> None:
    room, told = apply(know(live_room(), LISTENER, is_here=False), COHOST, c.Remove(LISTENER))
    assert room.bans == {LISTENER: COHOST}
    assert [type(event).__name__ for event in told] == ["Removed"]
    assert (
        refusal(room, LISTENER, c.Join())
        == refusal(room, LISTENER, c.RequestToSpeak())
        == "not_available"
    )
    assert refusal(do(room, HOST, c.Unban(LISTENER)), LISTENER, c.Join()) == ""


def test_it_takes_everything_from_who_is_removed() -> None:
    room = do(do(live_room(), LISTENER, c.RequestToSpeak()), HOST, c.Invite(LISTENER, Role.SPEAKER))
    room = do(room, HOST, c.Remove(LISTENER))
    assert not room.request_of(LISTENER) and not room.invitation_of(LISTENER)
    assert not do(live_room(), HOST, c.Remove(SPEAKER)).seat_of(SPEAKER)


@pytest.mark.parametrize(
    ("who", "whom", "code"),
    [
        (HOST, HOST, "not_allowed"),
        (HOST, STAFF, "not_allowed"),
        (STAFF, 92, ""),
        (HOST, 404, "not_available"),
        (COHOST, COHOST2, "not_allowed"),
    ],
)
def test_it_limits_whom_one_may_remove(who: int, whom: int, code: str) -> None:
    assert refusal(live_room(cohosts=2), who, c.Remove(whom)) == code


@pytest.mark.parametrize(
    "command",
    [
        c.MuteSeat(LISTENER),
        c.MoveDown(LISTENER),
        c.AskToUnmute(LISTENER),
        c.TurnCameraOff(LISTENER),
    ],
)
def test_it_refuses_stage_verbs_on_listeners(command: c.RoomCommand) -> None:
    assert refusal(live_room(), HOST, command) == "not_on_stage"


@pytest.mark.parametrize(
    "command", [c.Remove(HOST), c.MoveDown(HOST)], ids=["removed", "moved down"]
)
def test_it_lets_the_first_cohost_stand_in_for_a_host_whom_staff_take_off_the_stage(
    command: c.RoomCommand,
) -> None:
    room = do(live_room(cohosts=2), STAFF, command)
    assert (room.host, room.acting_host, room.phase) == (HOST, COHOST, Phase.LIVE)
    assert not room.seat_of(HOST) and room.host_lost_until is None
    assert refusal(room, COHOST, c.UpdateRoom(title="Mine")) == "not_allowed", (
        "Standing in is not being host."
    )
    assert do(room, COHOST, c.EndSpace()).end_reason is EndReason.HOST


def test_it_passes_over_a_cohost_who_is_lost() -> None:
    room = live_room(cohosts=2)
    seats = (
        replace(s, presence=Presence.LOST, lost_at=NOW) if s.user == COHOST else s
        for s in room.seats
    )
    assert do(replace(room, seats=tuple(seats)), STAFF, c.Remove(HOST)).acting_host == COHOST2


@pytest.mark.parametrize(
    "command", [c.Remove(HOST), c.MoveDown(HOST)], ids=["removed", "moved down"]
)
def test_it_ends_the_room_when_nobody_can_stand_in_for_a_removed_host(
    command: c.RoomCommand,
) -> None:
    room = do(live_room(cohosts=0, speakers=3), STAFF, command)
    assert (room.phase, room.end_reason) == (Phase.ENDED, EndReason.MODERATORS)


def test_it_keeps_a_removed_host_out_and_counts_down_when_the_one_who_stands_in_goes() -> None:
    room = do(live_room(cohosts=1), STAFF, c.Remove(HOST))
    assert refusal(room, HOST, c.Join()) == "not_available"
    room = do(room, COHOST, c.LeaveSeat())
    assert (room.acting_host, room.host_lost_until) == (None, NOW + timedelta(seconds=120))


def test_it_gives_a_host_who_was_moved_down_no_power_back() -> None:
    room = do(live_room(cohosts=1), STAFF, c.MoveDown(HOST))
    room = do(room, HOST, c.Join())
    assert refusal(room, HOST, c.MuteAll()) == "not_allowed"
    room = do(do(room, HOST, c.RequestToSpeak()), COHOST, c.ApproveRequest(HOST))
    seat = room.seat_of(HOST)
    assert seat and seat.role is Role.SPEAKER and room.acting_host == COHOST
    assert refusal(room, HOST, c.EndSpace()) == "not_allowed"


def test_it_sets_a_spotlight_only_on_the_stage() -> None:
    assert do(live_room(speakers=2), COHOST, c.SetSpotlight(SPEAKER2)).spotlight == SPEAKER2
    assert refusal(live_room(), HOST, c.SetSpotlight(LISTENER)) == "not_on_stage"


@pytest.mark.parametrize("title", ["", "   ", "x" * 71, "\n\t", "\u202e"])
def test_it_refuses_bad_titles(title: str) -> None:
    assert refusal(live_room(), HOST, c.UpdateRoom(title=title)) == "bad_title"


def test_it_cleans_a_title() -> None:
    assert (
        do(live_room(), HOST, c.UpdateRoom(title="  Tea\n\u202ewith \x07 us ")).title
        == "Tea with us"
    )
