"""Who is in charge when the host is gone, by the clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spaces.rooms import commands as c
from spaces.rooms.state import EndReason, Phase, Presence, Role, Room
from tests.spaces.rooms.world import (
    COHOST,
    COHOST2,
    HOST,
    LISTENER,
    NOW,
    SPEAKER,
    SPEAKER2,
    apply,
    do,
    know,
    live_room,
    refusal,
    tick,
    ticked,
)


def everyone_but(*gone: int) -> dict[int, float]:
    return {user: 9e5 for user in (HOST, COHOST, COHOST2, SPEAKER, SPEAKER2) if user not in gone}


def presence(room: Room, user: int) -> Presence | None:
    seat = room.seat_of(user)
    return seat.presence if seat else None


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, Presence.HERE),
        (9.9, Presence.HERE),
        (10, Presence.WEAK),
        (14.9, Presence.WEAK),
        (15, Presence.LOST),
        (600, None),
    ],
)
def test_it_weakens_loses_and_frees_a_seat_by_age(age: float, expected: Presence | None) -> None:
    room = tick(live_room(), at_s=min(age, 30), seen=everyone_but(SPEAKER))
    room = tick(room, at_s=age, seen=everyone_but(SPEAKER))
    assert presence(room, SPEAKER) == expected


def test_it_silences_who_is_lost_and_holds_the_seat_a_minute() -> None:
    room = do(live_room(), SPEAKER, c.SetMicrophone(True))
    room = tick(room, at_s=15, seen=everyone_but(SPEAKER))
    seat = room.seat_of(SPEAKER)
    assert seat and not seat.microphone and seat.lost_at == NOW + timedelta(seconds=15)
    assert tick(room, at_s=74, seen=everyone_but(SPEAKER)).seat_of(SPEAKER)
    assert not tick(room, at_s=75, seen=everyone_but(SPEAKER)).seat_of(SPEAKER)


def test_it_comes_back_from_weak_by_a_ping_and_from_lost_too() -> None:
    for at in (12, 20):
        room = tick(live_room(), at_s=at, seen=everyone_but(SPEAKER))
        assert (
            presence(tick(room, at_s=at + 1, seen={**everyone_but(), SPEAKER: at + 1}), SPEAKER)
            is Presence.HERE
        )


def test_it_lets_the_longest_serving_cohost_stand_in() -> None:
    room, told = ticked(live_room(cohosts=2), at_s=15, seen=everyone_but(HOST))
    assert (room.acting_host, room.host_lost_until, room.host) == (COHOST, None, HOST)
    assert "HostChanged" in {type(event).__name__ for event in told}


def test_it_passes_over_a_cohost_who_is_lost_too() -> None:
    room = tick(live_room(cohosts=2), at_s=15, seen=everyone_but(HOST, COHOST))
    assert room.acting_host == COHOST2


def test_it_keeps_the_one_who_stands_in_when_a_senior_returns() -> None:
    room = tick(live_room(cohosts=2), at_s=15, seen=everyone_but(HOST, COHOST))
    room = do(room, COHOST, c.Join(), after_s=20)
    assert room.acting_host == COHOST2


def test_it_counts_down_without_a_cohost_and_ends() -> None:
    room = tick(live_room(cohosts=0), at_s=15, seen=everyone_but(HOST))
    assert room.host_lost_until == NOW + timedelta(seconds=135) and room.acting_host is None
    assert tick(room, at_s=134, seen=everyone_but(HOST)).phase is Phase.LIVE
    ended = tick(room, at_s=135, seen=everyone_but(HOST))
    assert (ended.phase, ended.end_reason, ended.ended_by) == (
        Phase.ENDED,
        EndReason.HOST_LOST,
        None,
    )


def test_it_never_promotes_a_speaker() -> None:
    room = tick(live_room(cohosts=0, speakers=3), at_s=15, seen=everyone_but(HOST))
    assert room.acting_host is None and len(room.seats_as(Role.HOST)) == 1


@pytest.mark.parametrize("cohosts", [0, 1])
def test_it_gives_the_room_back_to_a_returning_host(cohosts: int) -> None:
    room = tick(live_room(cohosts=cohosts), at_s=60, seen=everyone_but(HOST))
    room = do(room, HOST, c.Join("new"), after_s=100)
    assert (room.host, room.acting_host, room.host_lost_until) == (HOST, None, None)
    assert presence(room, HOST) is Presence.HERE


def test_it_stops_the_countdown_when_a_cohost_returns() -> None:
    room = tick(live_room(), at_s=15, seen=everyone_but(HOST, COHOST))
    assert room.host_lost_until
    room = do(room, COHOST, c.Join(), after_s=30)
    assert (room.acting_host, room.host_lost_until) == (COHOST, None)


def test_it_starts_the_countdown_when_the_one_who_stands_in_steps_down() -> None:
    room = tick(live_room(), at_s=15, seen=everyone_but(HOST))
    room = do(room, COHOST, c.LeaveSeat(), after_s=20)
    assert room.acting_host is None and room.host_lost_until == NOW + timedelta(seconds=140)


def test_it_holds_the_hosts_seat_as_long_as_somebody_stands_in() -> None:
    room = tick(live_room(), at_s=15, seen=everyone_but(HOST))
    room = tick(room, at_s=4000, seen=everyone_but(HOST))
    assert room.seat_of(HOST) and room.phase is Phase.LIVE


def test_it_takes_no_absence_for_proven_that_our_own_restart_explains() -> None:
    assert tick(live_room(), at_s=100, seen={}, heard_since_s=90).phase is Phase.LIVE
    room = tick(live_room(), at_s=100, seen={}, heard_since_s=90)
    assert {seat.presence for seat in room.seats} == {Presence.WEAK}
    assert tick(live_room(), at_s=100, seen={}, heard_since_s=95) == live_room()
    assert presence(tick(live_room(), at_s=105, seen={}, heard_since_s=90), HOST) is Presence.LOST


def test_it_does_not_bring_back_who_was_lost_before_our_restart() -> None:
    room = tick(live_room(), at_s=20, seen=everyone_but(SPEAKER))
    assert (
        presence(tick(room, at_s=30, seen=everyone_but(SPEAKER), heard_since_s=29), SPEAKER)
        is Presence.LOST
    )


@pytest.mark.parametrize(
    ("page", "age", "is_on"), [("a", 5, True), ("b", 5, False), ("", 5, False), ("a", 16, False)]
)
def test_it_keeps_the_microphone_of_the_same_page_in_time(
    page: str, age: float, is_on: bool
) -> None:
    room = do(do(live_room(), SPEAKER, c.Join("a")), SPEAKER, c.SetMicrophone(True))
    room = tick(room, at_s=age, seen=everyone_but(SPEAKER))
    seat = do(room, SPEAKER, c.Join(page), after_s=age).seat_of(SPEAKER)
    assert seat and seat.microphone is is_on


@pytest.mark.parametrize(
    ("heard_s", "is_on"), [(6, True), (5, False)], ids=["14 s away", "15 s away"]
)
def test_it_mutes_the_same_page_that_was_gone_though_the_clock_is_late(
    heard_s: float, is_on: bool
) -> None:
    room = do(do(live_room(), SPEAKER, c.Join("a")), SPEAKER, c.SetMicrophone(True))
    heard_at = NOW + timedelta(seconds=heard_s)
    seat = do(room, SPEAKER, c.Join("a", heard_at), after_s=20).seat_of(SPEAKER)
    assert seat and seat.microphone is is_on


def test_it_keeps_the_microphone_through_an_outage_of_ours_however_long() -> None:
    room = do(do(live_room(), HOST, c.Join("a")), HOST, c.SetMicrophone(True))
    assert tick(room, at_s=90, seen={}, heard_since_s=90) == room, (
        "Nobody could be heard, so nobody is gone."
    )
    seat = do(room, HOST, c.Join("a", NOW + timedelta(seconds=90)), after_s=91).seat_of(HOST)
    assert seat and seat.microphone


def test_it_gives_people_time_to_come_back_after_an_outage_before_a_wait_is_over() -> None:
    lost = tick(do(live_room(cohosts=0), LISTENER, c.RequestToSpeak()), at_s=20, seen={LISTENER: 0})
    assert lost.host_lost_until
    during = tick(lost, at_s=200, seen={}, heard_since_s=200)
    assert during.phase is Phase.LIVE and during.seat_of(SPEAKER) and during.request_of(LISTENER)
    assert tick(during, at_s=214, seen={}, heard_since_s=200).phase is Phase.LIVE
    assert tick(during, at_s=215, seen={}, heard_since_s=200).end_reason is EndReason.HOST_LOST


# --- on purpose -----------------------------------------------------------------------------------


def test_it_hands_over_to_a_cohost_at_once() -> None:
    room = do(live_room(), HOST, c.HandOver(COHOST))
    assert room.host == COHOST
    assert [seat.role for seat in room.seats if seat.user == HOST] == [Role.COHOST]


def test_it_asks_a_speaker_first() -> None:
    room, told = apply(live_room(cohosts=2), HOST, c.HandOver(SPEAKER))
    assert room.host == HOST and "HostOffered" in {type(event).__name__ for event in told}
    assert refusal(room, SPEAKER, c.AcceptInvitation()) == "no_invitation"
    room = do(room, SPEAKER, c.AcceptHost())
    assert room.host == SPEAKER
    assert [seat.role for seat in room.seats if seat.user == HOST] == [Role.SPEAKER], (
        "Co-host seats are full."
    )


def test_it_lets_a_speaker_decline_or_be_late() -> None:
    room = do(live_room(), HOST, c.HandOver(SPEAKER))
    assert refusal(do(room, SPEAKER, c.DeclineHost()), SPEAKER, c.AcceptHost()) == "no_invitation"
    assert refusal(room, SPEAKER, c.AcceptHost(), after_s=61) == "expired"


@pytest.mark.parametrize(
    ("whom", "facts", "code"),
    [
        (HOST, {}, "not_allowed"),
        (LISTENER, {}, "not_on_stage"),
        (COHOST, {"is_protected": True}, "protected_account"),
        (COHOST, {"hosts_elsewhere": True}, "already_live"),
    ],
)
def test_it_refuses_to_hand_over(whom: int, facts: dict[str, bool], code: str) -> None:
    assert refusal(know(live_room(), whom, **facts), HOST, c.HandOver(whom)) == code


def test_it_refuses_to_hand_over_to_somebody_lost() -> None:
    room = tick(live_room(), at_s=15, seen=everyone_but(COHOST))
    assert refusal(room, HOST, c.HandOver(COHOST), after_s=15) == "not_here"


@pytest.mark.parametrize(("speakers", "role"), [(3, Role.SPEAKER), (10, None)])
def test_it_makes_a_removed_cohost_speaker_or_listener(speakers: int, role: Role | None) -> None:
    seat = do(live_room(speakers=speakers), HOST, c.RemoveCohost(COHOST)).seat_of(COHOST)
    assert (seat.role if seat else None) is role


# --- the life of a room ---------------------------------------------------------------------------


def test_it_lets_the_host_leave_only_by_handing_over_or_ending() -> None:
    assert (
        refusal(live_room(), HOST, c.LeaveRoom())
        == refusal(live_room(), HOST, c.LeaveSeat())
        == "hand_over_first"
    )
    handed = do(live_room(), HOST, c.HandOver(COHOST))
    assert not do(handed, HOST, c.LeaveRoom()).seat_of(HOST)


def test_it_ends_by_itself_after_twelve_hours() -> None:
    seen = everyone_but()
    assert tick(live_room(), at_s=12 * 3600 - 1, seen=seen).phase is Phase.LIVE
    assert tick(live_room(), at_s=12 * 3600, seen=seen).end_reason is EndReason.TOO_LONG


@pytest.mark.parametrize(
    "command", [c.RequestToSpeak(), c.EndSpace(), c.MuteAll(), c.SetMicrophone(True), c.LeaveSeat()]
)
def test_it_refuses_everything_after_the_end(command: c.RoomCommand) -> None:
    assert refusal(do(live_room(), HOST, c.EndSpace()), HOST, command) == "ended"


def scheduled(**fields: object) -> Room:
    room = live_room(cohosts=0, speakers=0, started_at=None, scheduled_for=NOW + timedelta(hours=1))
    room = replace(room, phase=Phase.SCHEDULED, seats=(), created_at=NOW)
    return replace(room, **fields)  # type: ignore[arg-type]  # Cases.


@pytest.mark.parametrize(
    ("at_s", "code"), [(0, "too_early"), (2699, "too_early"), (2700, ""), (5000, "")]
)
def test_it_starts_from_a_quarter_of_an_hour_before(at_s: float, code: str) -> None:
    assert refusal(scheduled(), HOST, c.StartSpace(), after_s=at_s) == code


def test_it_opens_the_green_room_in_time_and_closes_it_again() -> None:
    assert do(scheduled(), HOST, c.Join(), after_s=60).phase is Phase.SCHEDULED
    green = do(scheduled(), HOST, c.Join(), after_s=2800)
    assert green.phase is Phase.GREEN and [seat.role for seat in green.seats] == [Role.HOST]
    assert do(green, HOST, c.LeaveRoom(), after_s=2801).phase is Phase.SCHEDULED


def test_it_cancels_what_nobody_started_two_hours_late() -> None:
    assert tick(scheduled(), at_s=3 * 3600 - 1).phase is Phase.SCHEDULED
    late = tick(scheduled(), at_s=3 * 3600)
    assert (late.phase, late.end_reason) == (Phase.CANCELLED, EndReason.CANCELLED)


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"is_protected": True}, "protected_account"), ({"hosts_elsewhere": True}, "already_live")],
)
def test_it_refuses_to_start_for_who_may_not_host(facts: dict[str, bool], code: str) -> None:
    assert refusal(know(scheduled(), HOST, **facts), HOST, c.StartSpace(), after_s=3600) == code


@pytest.mark.parametrize(
    ("who", "code"), [(HOST, ""), (91, ""), (LISTENER, "not_allowed"), (None, "log_in")]
)
def test_it_cancels_for_host_and_staff(who: int | None, code: str) -> None:
    assert refusal(scheduled(), who, c.CancelSpace()) == code
    if not code:
        assert do(scheduled(), who, c.CancelSpace()).phase is Phase.CANCELLED
