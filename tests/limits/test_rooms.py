"""The rules of the room with the limits of this site."""

from dataclasses import replace
from datetime import timedelta

from config.limits import LIMITS
from spaces.rooms import commands as c
from spaces.rooms import rules
from spaces.rooms.actor import SYSTEM
from spaces.rooms.commands import RoomCommand
from spaces.rooms.errors import RoomError
from spaces.rooms.state import Phase, Presence, Role, Room, SpeakRequest, SpeakRule
from tests.spaces.rooms.world import (
    COHOST,
    HOST,
    LISTENER,
    LISTENER2,
    NOW,
    SPEAKER,
    actor,
    live_room,
    person,
    seat,
)

MANY = 1000  # Ids of people that the world does not know yet.


def do(room: Room, user: int, command: RoomCommand, *, after_s: float = 0) -> Room:
    return rules.apply(room, actor(user), command, NOW + timedelta(seconds=after_s), LIMITS)[0]


def refusal(room: Room, user: int, command: RoomCommand, *, after_s: float = 0) -> str:
    try:
        do(room, user, command, after_s=after_s)
    except RoomError as error:
        return error.code
    return ""


def tick(room: Room, at_s: float) -> Room:
    command = c.Tick({}, NOW - timedelta(hours=1))
    return rules.apply(room, SYSTEM, command, NOW + timedelta(seconds=at_s), LIMITS)[0]


def with_people(room: Room, count: int) -> Room:
    more = {MANY + number: person(MANY + number) for number in range(count)}
    return replace(room, people={**room.people, **more})


def stage_with(cohosts: int, speakers: int) -> Room:
    room = with_people(live_room(cohosts=0, speakers=0), cohosts + speakers)
    roles = [Role.COHOST] * cohosts + [Role.SPEAKER] * speakers
    seats = [seat(MANY + number, role, number + 1) for number, role in enumerate(roles)]
    return replace(room, seats=(*room.seats, *seats))


def test_a_stage_has_as_many_seats_as_it_may() -> None:
    room = replace(stage_with(LIMITS.cohosts, LIMITS.speakers - 1), speak_rule=SpeakRule.EVERYONE)
    full = do(room, LISTENER, c.RequestToSpeak(""))
    assert len(full.seats) == LIMITS.stage_seats
    waiting = do(full, LISTENER2, c.RequestToSpeak(""))
    assert len(waiting.seats) == LIMITS.stage_seats
    assert refusal(waiting, HOST, c.ApproveRequest(LISTENER2)) == "stage_full"


def test_a_room_has_as_many_cohosts_as_it_may() -> None:
    room = stage_with(LIMITS.cohosts, 0)
    assert refusal(room, HOST, c.Invite(LISTENER, Role.COHOST)) == "cohosts_full"
    one_less = replace(room, seats=room.seats[:-1])
    assert refusal(one_less, HOST, c.Invite(LISTENER, Role.COHOST)) == ""


def test_the_queue_is_as_long_as_it_may_be() -> None:
    room = with_people(live_room(), LIMITS.requests_in_line)
    line = tuple(SpeakRequest(MANY + n, "", NOW) for n in range(LIMITS.requests_in_line))
    assert refusal(replace(room, requests=line[1:]), LISTENER, c.RequestToSpeak("")) == ""
    assert refusal(replace(room, requests=line), LISTENER, c.RequestToSpeak("")) == "too_many"


def test_who_was_declined_asks_again_after_the_time_it_takes() -> None:
    asked = do(live_room(), LISTENER, c.RequestToSpeak(""))
    declined = do(asked, HOST, c.DeclineRequest(LISTENER))
    soon, later = LIMITS.request_again_s - 1, LIMITS.request_again_s + 1
    assert refusal(declined, LISTENER, c.RequestToSpeak(""), after_s=soon) == "too_soon"
    assert refusal(declined, LISTENER, c.RequestToSpeak(""), after_s=later) == ""


def test_an_invitation_stands_as_long_as_it_may() -> None:
    room = do(live_room(), HOST, c.Invite(LISTENER, Role.SPEAKER))
    assert room.invitations[0].expires_at == NOW + timedelta(seconds=LIMITS.invitation_s)


def test_an_unmute_is_asked_for_as_often_as_it_may_be() -> None:
    room = do(live_room(), HOST, c.AskToUnmute(SPEAKER))
    soon, later = LIMITS.ask_unmute_every_s - 1, LIMITS.ask_unmute_every_s + 1
    assert refusal(room, COHOST, c.AskToUnmute(SPEAKER), after_s=soon) == "too_soon"
    assert refusal(room, COHOST, c.AskToUnmute(SPEAKER), after_s=later) == ""


def test_a_title_is_as_long_as_it_may_be() -> None:
    fits, long = "x" * LIMITS.space_title_chars, "x" * (LIMITS.space_title_chars + 1)
    assert do(live_room(), HOST, c.UpdateRoom(title=fits)).title == fits
    assert refusal(live_room(), HOST, c.UpdateRoom(title=long)) == "bad_title"


def test_a_silent_socket_is_weak_and_gone_when_it_may_be() -> None:
    def presence_at(at_s: float) -> Presence:
        seat = tick(live_room(cohosts=1, speakers=1), at_s).seat_of(SPEAKER)
        assert seat is not None
        return seat.presence

    assert presence_at(LIMITS.weak_after_s - 1) is Presence.HERE
    assert presence_at(LIMITS.weak_after_s) is Presence.WEAK
    assert presence_at(LIMITS.gone_after_s) is Presence.LOST


def test_a_seat_is_held_as_long_as_it_may_be() -> None:
    gone = tick(live_room(), LIMITS.gone_after_s)
    held_s = LIMITS.gone_after_s + LIMITS.seat_held_s
    assert tick(gone, held_s - 2).seat_of(SPEAKER)
    assert tick(gone, held_s + 1).seat_of(SPEAKER) is None


def test_a_room_waits_for_its_host_as_long_as_it_may() -> None:
    lost = tick(live_room(cohosts=0, speakers=0), LIMITS.gone_after_s)
    assert lost.host_lost_until is not None
    waits = lost.host_lost_until - (NOW + timedelta(seconds=LIMITS.gone_after_s))
    assert abs(waits.total_seconds() - LIMITS.host_lost_s) <= LIMITS.gone_after_s


def test_a_space_lasts_as_long_as_it_may() -> None:
    room = live_room()

    def phase_at(at_s: float) -> Phase:
        signs = {user: NOW + timedelta(seconds=at_s) for user in (HOST, COHOST, SPEAKER)}
        look = c.Tick(signs, NOW - timedelta(hours=1))
        return rules.apply(room, SYSTEM, look, NOW + timedelta(seconds=at_s), LIMITS)[0].phase

    assert phase_at(LIMITS.longest_space_s - 1) is Phase.LIVE
    assert phase_at(LIMITS.longest_space_s + 1) is Phase.ENDED
