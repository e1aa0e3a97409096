"""The line of people who want to speak."""

from dataclasses import replace

import pytest

from spaces.rooms import commands as c
from spaces.rooms.state import Role, SpeakRequest, SpeakRule
from tests.spaces.rooms.world import (
    HOST,
    LISTENER,
    LISTENER2,
    NOW,
    SPEAKER,
    do,
    know,
    live_room,
    refusal,
    tick,
)

ASK = c.RequestToSpeak("why")


@pytest.mark.parametrize(
    ("rule", "is_followed", "ends_up"),
    [
        (SpeakRule.EVERYONE, False, "seated"),
        (SpeakRule.EVERYONE, True, "seated"),
        (SpeakRule.FOLLOWED, True, "seated"),
        (SpeakRule.FOLLOWED, False, "requested"),
        (SpeakRule.INVITED, True, "requested"),
        (SpeakRule.INVITED, False, "requested"),
    ],
)
def test_it_seats_or_queues_by_the_speak_rule(
    rule: SpeakRule, is_followed: bool, ends_up: str
) -> None:
    room = know(live_room(speak_rule=rule), LISTENER, followed_by_host=is_followed)
    after = do(room, LISTENER, ASK)
    assert bool(after.seat_of(LISTENER)) == (ends_up == "seated")
    assert bool(after.request_of(LISTENER)) == (ends_up == "requested")


@pytest.mark.parametrize("rule", [SpeakRule.EVERYONE, SpeakRule.FOLLOWED])
def test_it_queues_on_a_full_stage_and_seats_the_first_when_a_place_is_free(
    rule: SpeakRule,
) -> None:
    room = live_room(speakers=10, speak_rule=rule)
    room = know(know(room, LISTENER, followed_by_host=True), LISTENER2, followed_by_host=True)
    room = do(do(room, LISTENER, ASK), LISTENER2, ASK, after_s=1)
    assert [room.place_of(user) for user in (LISTENER, LISTENER2)] == [1, 2]
    room = do(room, SPEAKER, c.LeaveSeat(), after_s=2)
    seat = room.seat_of(LISTENER)
    assert seat and seat.role is Role.SPEAKER and not seat.microphone
    assert room.place_of(LISTENER2) == 1


def test_it_says_stage_full_only_where_there_is_no_line_to_stand_in() -> None:
    room = live_room(speakers=10, speak_rule=SpeakRule.EVERYONE, requests_open=False)
    assert refusal(room, LISTENER, ASK) == "stage_full"


def test_it_passes_over_who_is_lost_and_whom_the_rule_does_not_seat() -> None:
    room = know(
        live_room(speakers=10, speak_rule=SpeakRule.FOLLOWED), LISTENER2, followed_by_host=True
    )
    for i, user in enumerate((LISTENER, 33, LISTENER2)):
        room = do(room, user, ASK, after_s=i)
    room = know(room, 33, followed_by_host=True)
    room = replace(
        room,
        requests=tuple(replace(r, lost_at=NOW if r.user == 33 else None) for r in room.requests),
    )
    room = do(room, SPEAKER, c.LeaveSeat(), after_s=5)
    assert room.seat_of(LISTENER2) and [room.place_of(user) for user in (LISTENER, 33)] == [1, 2]


def test_it_seats_those_in_line_when_the_rule_becomes_theirs() -> None:
    room = do(do(live_room(speakers=9), LISTENER, ASK), LISTENER2, ASK, after_s=1)
    room = do(room, HOST, c.UpdateRoom(speak_rule=SpeakRule.EVERYONE))
    assert room.seat_of(LISTENER) and room.place_of(LISTENER2) == 1


def test_it_throws_nobody_off_when_the_speak_rule_changes() -> None:
    room = do(live_room(speak_rule=SpeakRule.EVERYONE), LISTENER, ASK)
    after = do(room, HOST, c.UpdateRoom(speak_rule=SpeakRule.INVITED))
    assert after.seat_of(LISTENER)


def test_it_keeps_the_order_of_arrival_and_moves_up() -> None:
    room = live_room()
    for i, user in enumerate((34, 33, LISTENER)):
        room = do(room, user, ASK, after_s=i)
    assert [room.place_of(user) for user in (34, 33, LISTENER)] == [1, 2, 3]
    room = do(room, 34, c.CancelRequest())
    assert [room.place_of(user) for user in (33, LISTENER)] == [1, 2]


def test_it_seats_muted_and_with_the_camera_off() -> None:
    room = do(do(live_room(), LISTENER, ASK), HOST, c.ApproveRequest(LISTENER))
    seat = room.seat_of(LISTENER)
    assert seat and (seat.microphone, seat.camera, seat.screen) == (False, False, False)
    assert not room.request_of(LISTENER)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("already on stage", "already_on_stage"),
        ("already in line", "already_requested"),
        ("requests off", "requests_closed"),
        ("line is full", "too_many"),
        ("not live", "not_live"),
        ("visitor", "log_in"),
        ("removed", "not_available"),
        ("blocked", "not_available"),
        ("suspended", "not_available"),
        ("not in the room", "not_here"),
    ],
)
def test_it_refuses_a_request(case: str, code: str) -> None:
    room = live_room()
    who: int | None = LISTENER
    match case:
        case "already on stage":
            who = SPEAKER
        case "already in line":
            room = do(room, LISTENER, ASK)
        case "requests off":
            room = replace(room, requests_open=False)
        case "line is full":
            room = replace(
                room, requests=tuple(SpeakRequest(1000 + i, "", NOW) for i in range(500))
            )
        case "not live":
            room = replace(room, phase=type(room.phase).GREEN)
        case "visitor":
            who = None
        case "removed":
            room = replace(room, bans={LISTENER: HOST})
        case "blocked":
            room = know(room, LISTENER, blocked_with_host=True)
        case "suspended":
            room = know(room, LISTENER, is_away=True)
        case "not in the room":
            room = know(room, LISTENER, is_here=False)
    assert refusal(room, who, ASK) == code


def test_it_lets_the_declined_ask_again_after_a_minute() -> None:
    room = do(do(live_room(), LISTENER, ASK), HOST, c.DeclineRequest(LISTENER))
    assert refusal(room, LISTENER, ASK, after_s=59) == "too_soon"
    assert refusal(room, LISTENER, ASK, after_s=60) == ""


def test_it_leaves_the_request_in_line_when_the_stage_is_full() -> None:
    room = do(live_room(speakers=10), LISTENER, ASK)
    assert refusal(room, HOST, c.ApproveRequest(LISTENER)) == "stage_full"
    assert room.place_of(LISTENER) == 1


def test_it_refuses_to_approve_nobody_and_the_absent() -> None:
    room = do(live_room(), LISTENER, ASK)
    assert refusal(room, HOST, c.ApproveRequest(LISTENER2)) == "no_request"
    assert (
        refusal(know(room, LISTENER, is_here=False), HOST, c.ApproveRequest(LISTENER)) == "not_here"
    )


def test_it_fills_the_last_seat_once() -> None:
    room = do(do(live_room(speakers=9), LISTENER, ASK), LISTENER2, ASK)
    room = do(room, HOST, c.ApproveRequest(LISTENER))
    assert refusal(room, HOST, c.ApproveRequest(LISTENER2)) == "stage_full"
    assert len(room.seats_as(Role.SPEAKER)) == 10


def test_it_holds_the_place_of_somebody_who_drops_for_a_minute() -> None:
    room = do(live_room(), LISTENER, ASK)
    seen = {HOST: 500.0, SPEAKER: 500.0, 11: 500.0}
    room = tick(room, at_s=20, seen=seen)
    assert room.place_of(LISTENER) == 1, "Lost at 20 s, held from there."
    back = do(room, LISTENER, c.Join(), after_s=70)
    assert tick(back, at_s=79, seen={**seen, LISTENER: 75}).place_of(LISTENER) == 1
    assert tick(room, at_s=79, seen=seen).place_of(LISTENER) == 1
    assert tick(room, at_s=80, seen=seen).place_of(LISTENER) == 0


def test_it_squeezes_a_reason_into_one_line() -> None:
    request = do(live_room(), LISTENER, c.RequestToSpeak(" a\n\n b ")).request_of(LISTENER)
    assert request and request.reason == "a b"
