"""Keeping order."""

from dataclasses import replace

import pytest

from spaces.rooms import commands as c
from spaces.rooms.policy import policy_of
from spaces.rooms.state import EndReason, Phase, Role, Room
from tests.spaces.rooms.world import (
    COHOST,
    COHOST2,
    HOST,
    LISTENER,
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
    return replace(room, seats=tuple(replace(seat, microphone=True, camera=True) for seat in room.seats))


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
    assert [type(event).__name__ for event in told] == ["UnmuteAsked"]
    assert room.rev == live_room().rev, "Nobody sees a change of the room."
    assert refusal(room, COHOST, c.AskToUnmute(SPEAKER), after_s=29) == "too_soon"
    assert refusal(room, COHOST, c.AskToUnmute(SPEAKER), after_s=30) == ""


def test_it_stops_camera_and_screen() -> None:
    room = do(loud(live_room()), COHOST, c.TurnCameraOff(SPEAKER))
    seat = room.seat_of(SPEAKER)
    assert seat and (seat.camera, seat.screen, seat.microphone) == (False, False, True)


def test_it_darkens_all_cameras_when_video_is_switched_off() -> None:
    room = do(loud(live_room()), HOST, c.UpdateRoom(video=False))
    assert not any(seat.camera for seat in room.seats)
    assert refusal(room, SPEAKER, c.SetCamera(True)) == refusal(room, SPEAKER, c.SetScreen(True)) == "video_off"


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
    assert refusal(room, LISTENER, c.Join()) == refusal(room, LISTENER, c.RequestToSpeak()) == "not_available"
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
    "command", [c.MuteSeat(LISTENER), c.MoveDown(LISTENER), c.AskToUnmute(LISTENER), c.TurnCameraOff(LISTENER)]
)
def test_it_refuses_stage_verbs_on_listeners(command: c.Command) -> None:
    assert refusal(live_room(), HOST, command) == "not_on_stage"


def test_it_makes_the_first_cohost_host_when_staff_remove_the_host() -> None:
    room = do(live_room(cohosts=2), STAFF, c.Remove(HOST))
    assert (room.host, room.phase) == (COHOST, Phase.LIVE)
    assert not room.seat_of(HOST)


def test_it_passes_over_cohosts_who_may_not_host() -> None:
    room = know(live_room(cohosts=2), COHOST, is_protected=True)
    assert do(room, STAFF, c.Remove(HOST)).host == COHOST2


def test_it_ends_the_room_when_nobody_can_follow_a_removed_host() -> None:
    room = do(live_room(cohosts=0, speakers=3), STAFF, c.Remove(HOST))
    assert (room.phase, room.end_reason) == (Phase.ENDED, EndReason.MODERATORS)


def test_it_sets_a_spotlight_only_on_the_stage() -> None:
    assert do(live_room(speakers=2), COHOST, c.SetSpotlight(SPEAKER2)).spotlight == SPEAKER2
    assert refusal(live_room(), HOST, c.SetSpotlight(LISTENER)) == "not_on_stage"


@pytest.mark.parametrize("title", ["", "   ", "x" * 71, "\n\t", "\u202e"])
def test_it_refuses_bad_titles(title: str) -> None:
    assert refusal(live_room(), HOST, c.UpdateRoom(title=title)) == "bad_title"


def test_it_cleans_a_title() -> None:
    assert do(live_room(), HOST, c.UpdateRoom(title="  Tea\n\u202ewith \x07 us ")).title == "Tea with us"
