"""Asked on stage: by the host or a co-host, for a minute, without a seat held."""

import pytest

from spaces.rooms import commands as c
from spaces.rooms.state import Role
from tests.spaces.rooms.world import (
    COHOST,
    HOST,
    LISTENER,
    NOW,
    SPEAKER,
    STRANGER,
    apply,
    do,
    know,
    live_room,
    refusal,
    tick,
)

SPEAK, LEAD = c.Invite(LISTENER, Role.SPEAKER), c.Invite(LISTENER, Role.COHOST)


def test_it_tells_the_invited_and_waits_a_minute() -> None:
    room, told = apply(live_room(), HOST, SPEAK)
    asked = room.invitation_of(LISTENER)
    assert asked and (asked.expires_at - NOW).total_seconds() == 60
    assert {type(event).__name__ for event in told} == {"MeChanged", "InvitationReceived"}


@pytest.mark.parametrize("role", [Role.SPEAKER, Role.COHOST])
def test_it_seats_a_listener_who_accepts(role: Role) -> None:
    room = do(do(live_room(), HOST, c.Invite(LISTENER, role)), LISTENER, c.AcceptInvitation())
    seat = room.seat_of(LISTENER)
    assert seat and seat.role is role and not seat.microphone
    assert not room.invitation_of(LISTENER)


def test_it_raises_a_speaker_to_cohost_without_touching_their_microphone() -> None:
    room = do(live_room(), SPEAKER, c.SetMicrophone(True))
    room = do(do(room, HOST, c.Invite(SPEAKER, Role.COHOST)), SPEAKER, c.AcceptInvitation())
    seat = room.seat_of(SPEAKER)
    assert seat and seat.role is Role.COHOST and seat.microphone


def test_it_expires() -> None:
    room = do(live_room(), HOST, SPEAK)
    assert refusal(room, LISTENER, c.AcceptInvitation(), after_s=60) == "expired"
    seen = dict.fromkeys((HOST, COHOST, SPEAKER), 60.0)
    assert tick(room, at_s=59, seen=seen).invitation_of(LISTENER)
    assert not tick(room, at_s=60, seen=seen).invitation_of(LISTENER)


def test_it_declines() -> None:
    room = do(do(live_room(), HOST, SPEAK), LISTENER, c.DeclineInvitation())
    assert refusal(room, LISTENER, c.AcceptInvitation()) == "no_invitation"


def test_it_holds_no_seat_until_accepted() -> None:
    room = do(live_room(speakers=9), HOST, SPEAK)
    room = do(room, HOST, c.Invite(40, Role.SPEAKER))
    room = do(room, 40, c.AcceptInvitation())
    assert refusal(room, LISTENER, c.AcceptInvitation()) == "stage_full"
    assert room.invitation_of(LISTENER), "It stays open until it runs out."


def test_it_keeps_the_cohost_seats_reserved() -> None:
    full = live_room(cohosts=0, speakers=10)
    assert refusal(full, HOST, SPEAK) == "stage_full"
    room = full
    for user in (LISTENER, 40):
        room = do(do(room, HOST, c.Invite(user, Role.COHOST)), user, c.AcceptInvitation())
    assert len(room.seats) == 13
    assert refusal(room, HOST, c.Invite(41, Role.COHOST)) == "cohosts_full"


def test_it_replaces_an_older_question_but_does_not_repeat_one() -> None:
    room = do(live_room(), HOST, SPEAK)
    assert refusal(room, COHOST, SPEAK, after_s=5) == "too_soon"
    asked = do(room, HOST, LEAD, after_s=5).invitation_of(LISTENER)
    assert asked and asked.role is Role.COHOST


@pytest.mark.parametrize(
    ("user", "facts", "code"),
    [
        (STRANGER, {}, "not_here"),
        (404, None, "not_available"),
        (LISTENER, {"is_here": False}, "not_here"),
        (LISTENER, {"is_away": True}, "not_available"),
        (LISTENER, {"blocked_with_host": True}, "not_available"),
        (SPEAKER, {}, "already_on_stage"),
        (HOST, {}, "already_on_stage"),
    ],
)
def test_it_refuses_to_invite(user: int, facts: dict[str, bool] | None, code: str) -> None:
    room = live_room() if facts is None else know(live_room(), user, **facts)
    assert refusal(room, HOST, c.Invite(user, Role.SPEAKER)) == code


def test_it_forgets_the_request_of_somebody_seated_by_invitation() -> None:
    room = do(do(live_room(), LISTENER, c.RequestToSpeak()), HOST, SPEAK)
    assert not do(room, LISTENER, c.AcceptInvitation()).request_of(LISTENER)
