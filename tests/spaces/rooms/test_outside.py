"""What happens outside of a room, by the rules: people, pins, log-ins."""

from dataclasses import replace

import pytest

from spaces.rooms import encoding, events
from spaces.rooms.outside import LoseLogin, Refresh
from spaces.rooms.state import Invitation, Pin, PinnedPost, Presence, Role, Room, SpeakRequest
from tests.spaces.rooms.world import (
    COHOST,
    HOST,
    LISTENER,
    NOW,
    SPEAKER,
    STAFF,
    STRANGER,
    actor,
    know,
    live_room,
    outside,
    tick,
)

POST = PinnedPost(5, "/posts/5/", SPEAKER, "words", frozenset({LISTENER}))


def with_page(room: Room, user: int, page: str) -> Room:
    seats = (replace(seat, page=page) if seat.user == user else seat for seat in room.seats)
    return replace(room, seats=tuple(seats))


# --- people ---------------------------------------------------------------------------------------


def test_it_tells_of_a_person_and_counts_it_as_a_change() -> None:
    room, told = outside(live_room(), Refresh(frozenset({SPEAKER})))
    assert room.rev == live_room().rev + 1
    assert told == (events.PersonChanged(SPEAKER), events.MeChanged(to=SPEAKER))


@pytest.mark.parametrize("facts", [{"is_away": True}, None])
def test_it_shows_nobody_anew_who_is_suspended_or_gone(facts: dict[str, bool] | None) -> None:
    room = live_room()
    if facts is None:
        room = replace(room, people={key: who for key, who in room.people.items() if key != 31})
    else:
        room = know(room, LISTENER, **facts)
    assert outside(room, Refresh(frozenset({LISTENER}))) == (room, ())


def test_it_puts_out_staff_who_were_let_in_as_such_alone() -> None:
    room = know(live_room(), STAFF, is_staff=False, blocked_with_host=True)
    _, told = outside(room, Refresh(frozenset({STAFF})))
    assert events.Removed(to=STAFF) in told


def test_it_leaves_staff_who_lost_the_role_where_others_may_be() -> None:
    room = know(replace(live_room(), locked=True), STAFF, is_staff=False)
    _, told = outside(room, Refresh(frozenset({STAFF})))
    assert events.MeChanged(to=STAFF) in told and events.Removed(to=STAFF) not in told


def test_it_takes_an_actor_for_staff_while_their_row_says_so_alone() -> None:
    room = live_room()
    assert actor(STAFF).as_of(room).is_staff
    assert not actor(STAFF).as_of(know(room, STAFF, is_staff=False)).is_staff
    assert not actor(LISTENER).as_of(know(room, LISTENER, is_staff=True)).is_staff, (
        "Who asks without the right to moderate does not get it by the row."
    )
    assert not actor(None).as_of(room).is_staff


# --- pins -----------------------------------------------------------------------------------------


def test_it_gives_each_viewer_the_pins_they_may_see() -> None:
    other = Pin(replace(POST, id=6, hidden_from=frozenset()), HOST, id=2)
    room, told = outside(
        replace(live_room(), pins=(Pin(POST, HOST, id=1), other)), Refresh(pins=True)
    )
    change = encoding.encode(room, told, is_stored=True)
    assert '"id":1' in change.texts_for(SPEAKER)[0] and '"id":2' in change.texts_for(SPEAKER)[0]
    assert '"id":1,' not in change.texts_for(LISTENER)[0]
    assert str(LISTENER) in change.special, "The hub puts their texts together for them alone."


def test_it_tells_of_an_author_who_was_never_here_to_nobody_across_a_block() -> None:
    post = replace(POST, author=STRANGER, hidden_from=frozenset({LISTENER}))
    room, told = outside(
        replace(live_room(), pins=(Pin(post, HOST, id=1),)), Refresh(frozenset({STRANGER}))
    )
    change = encoding.encode(room, told, is_stored=True)
    assert "person.changed" in change.texts_for(SPEAKER)[0]
    assert change.texts_for(LISTENER) == [f'{{"type":"rev","rev":{room.rev}}}']


# --- log-ins --------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", [COHOST, SPEAKER])
def test_it_frees_the_seat_of_a_log_in_that_has_ended(user: int) -> None:
    room, told = outside(with_page(live_room(), user, "a"), LoseLogin(user, "a"))
    assert room.seat_of(user) is None
    assert events.SeatRemoved(user=user) in told


def test_it_leaves_a_seat_to_another_page_that_has_taken_it_over() -> None:
    room = with_page(live_room(), SPEAKER, "b")
    assert outside(room, LoseLogin(SPEAKER, "a")) == (room, ())


def test_it_frees_a_seat_that_was_taken_since_the_page_joined() -> None:
    assert outside(live_room(), LoseLogin(SPEAKER, "a"))[0].seat_of(SPEAKER) is None


def test_it_frees_the_place_in_line_and_an_invitation() -> None:
    room = replace(
        live_room(),
        requests=(SpeakRequest(LISTENER, "", NOW),),
        invitations=(Invitation(LISTENER, Role.SPEAKER, HOST, NOW),),
    )
    room, _ = outside(room, LoseLogin(LISTENER, "a"))
    assert not room.requests and not room.invitations


def test_it_silences_a_host_whose_seat_waits_and_begins_the_countdown() -> None:
    room = live_room(cohosts=0)
    seats = (replace(room.seats[0], microphone=True, camera=True), *room.seats[1:])
    room, told = outside(replace(room, seats=seats), LoseLogin(HOST, "a"))
    seat = room.seat_of(HOST)
    assert seat is not None
    assert (seat.microphone, seat.camera, seat.presence) == (False, False, Presence.LOST)
    assert any(isinstance(event, events.HostLost) for event in told)
    # The next look of the clock does not call them here again: their last ping is taken back.
    after = tick(room, at_s=1)
    assert after.seats[0].presence is Presence.LOST


def test_it_lets_a_cohost_stand_in_for_a_host_whose_log_in_has_ended() -> None:
    assert outside(live_room(cohosts=1), LoseLogin(HOST, "a"))[0].acting_host == COHOST
