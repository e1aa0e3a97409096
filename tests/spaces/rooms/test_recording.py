"""REC and the word of everybody on stage (RULES §8), with the races around it."""

from dataclasses import replace

import pytest

from spaces.rooms import commands as c
from spaces.rooms import events
from spaces.rooms.rules.recording import consented
from spaces.rooms.state import Phase, Presence, Role, Room, SpeakRequest, SpeakRule
from tests.spaces.rooms.world import (
    COHOST,
    HOST,
    LISTENER,
    LISTENER2,
    NOW,
    SPEAKER,
    STAFF,
    apply,
    do,
    live_room,
    refusal,
    tick,
)

EVERYBODY = dict.fromkeys([HOST, COHOST, SPEAKER, LISTENER, LISTENER2], 100.0)


def recorded(**fields: object) -> Room:
    return do(live_room(**fields), HOST, c.StartRecording())  # type: ignore[arg-type]  # Tests name what they change.


def agreed() -> Room:
    return do(do(recorded(), COHOST, c.GiveConsent()), SPEAKER, c.GiveConsent())


# --- start and stop -------------------------------------------------------------------------------


def test_it_asks_everybody_else_on_stage_when_it_starts() -> None:
    room, told = apply(live_room(), HOST, c.StartRecording())
    asked = {event.to for event in told if isinstance(event, events.ConsentNeeded)}
    assert (room.recording, asked) == (True, {COHOST, SPEAKER})
    assert consented(room) == (HOST,), (
        "Who starts it has agreed by that; nobody else is in the log yet."
    )


def test_it_changes_nothing_when_it_runs_already() -> None:
    room = agreed()
    assert do(room, HOST, c.StartRecording()) == room


def test_it_forgets_every_word_when_it_stops_and_asks_again_when_it_goes_on() -> None:
    room = do(agreed(), HOST, c.StopRecording())
    assert (room.recording, room.consents) == (False, {})
    assert consented(do(room, HOST, c.StartRecording())) == (HOST,)


@pytest.mark.parametrize("user", [COHOST, SPEAKER, LISTENER, STAFF])
def test_it_is_the_hosts_alone_to_start_and_stop(user: int) -> None:
    assert refusal(live_room(), user, c.StartRecording()) == "not_allowed"
    assert refusal(agreed(), user, c.StopRecording()) == "not_allowed"


def test_it_is_not_the_acting_hosts_either() -> None:
    lost = replace(live_room().seats[0], presence=Presence.LOST, lost_at=NOW)
    room = replace(live_room(), seats=(lost, *live_room().seats[1:]), acting_host=COHOST)
    assert refusal(room, COHOST, c.StartRecording()) == "not_allowed"


def test_it_starts_with_the_space_where_the_host_chose_that() -> None:
    room = live_room(cohosts=0, speakers=0, phase=Phase.GREEN, started_at=None)
    room = do(room, HOST, c.StartRecording())
    assert (room.recording, room.recording_wanted) == (False, True), (
        "Before the start it is a wish."
    )
    started = do(room, HOST, c.StartSpace())
    assert (started.recording, consented(started)) == (True, (HOST,))


def test_it_takes_the_wish_back_in_the_green_room() -> None:
    room = live_room(
        cohosts=0, speakers=0, phase=Phase.GREEN, started_at=None, recording_wanted=True
    )
    room = do(room, HOST, c.StopRecording())
    assert not do(room, HOST, c.StartSpace()).recording


def test_it_ends_with_the_space() -> None:
    room = do(agreed(), HOST, c.EndSpace())
    assert (room.recording, room.consents) == (False, {})


# --- the word -------------------------------------------------------------------------------------


def test_it_records_who_agrees() -> None:
    assert consented(agreed()) == (HOST, COHOST, SPEAKER)


def test_it_moves_down_who_declines() -> None:
    room = do(recorded(), SPEAKER, c.DeclineConsent())
    assert not room.seat_of(SPEAKER) and SPEAKER not in room.consents


def test_it_moves_down_who_takes_the_word_back() -> None:
    assert not do(agreed(), COHOST, c.DeclineConsent()).seat_of(COHOST)


@pytest.mark.parametrize(("at_s", "stays"), [(29, True), (30, False)])
def test_it_moves_down_who_does_not_answer_in_30_s(at_s: int, stays: bool) -> None:
    room = tick(recorded(), at_s=at_s, seen=EVERYBODY)
    assert bool(room.seat_of(SPEAKER)) is stays
    assert bool(room.seat_of(HOST))


def test_it_stops_when_a_new_host_declines() -> None:
    room = do(recorded(), HOST, c.HandOver(COHOST))
    room = do(room, COHOST, c.DeclineConsent())
    assert (room.host, room.recording) == (COHOST, False)
    assert room.seat_of(COHOST), "The host stays: the recording goes instead."


def test_it_stops_when_a_new_host_does_not_answer() -> None:
    room = tick(do(recorded(), HOST, c.HandOver(COHOST)), at_s=31, seen=EVERYBODY)
    assert (room.host, room.recording) == (COHOST, False)


def test_it_hears_no_word_of_people_who_were_not_asked() -> None:
    assert refusal(live_room(), SPEAKER, c.GiveConsent()) == "not_asked"
    assert refusal(recorded(), LISTENER, c.GiveConsent()) == "not_asked"
    assert refusal(recorded(), None, c.GiveConsent()) == "log_in"


def test_it_keeps_the_question_open_over_a_reconnect() -> None:
    room = do(recorded(), SPEAKER, c.Join("a"), after_s=10)
    assert room.consents[SPEAKER].expires_at == recorded().consents[SPEAKER].expires_at
    assert consented(do(room, SPEAKER, c.GiveConsent(), after_s=20)) == (HOST, SPEAKER)


def test_it_forgets_the_word_of_who_leaves_the_stage() -> None:
    room = do(agreed(), SPEAKER, c.LeaveSeat())
    assert refusal(room, SPEAKER, c.RequestToSpeak()) == "consent_needed", (
        "Coming back they are asked again."
    )


# --- on the way up --------------------------------------------------------------------------------


def test_it_lets_nobody_on_stage_without_a_word() -> None:
    room = replace(agreed(), speak_rule=SpeakRule.EVERYONE)
    assert refusal(room, LISTENER, c.RequestToSpeak()) == "consent_needed"
    after = do(room, LISTENER, c.RequestToSpeak(consent=True))
    assert consented(after) == (HOST, COHOST, SPEAKER, LISTENER)


def test_it_asks_with_the_request_and_not_again_when_it_is_approved() -> None:
    assert refusal(agreed(), LISTENER, c.RequestToSpeak()) == "consent_needed"
    room = do(agreed(), LISTENER, c.RequestToSpeak(consent=True))
    assert LISTENER in consented(do(room, HOST, c.ApproveRequest(LISTENER)))


def test_it_invites_who_was_in_line_before_it_started_instead_of_seating_them() -> None:
    room = do(live_room(requests=(SpeakRequest(LISTENER, "", NOW),)), HOST, c.StartRecording())
    room = do(room, HOST, c.ApproveRequest(LISTENER))
    assert not room.seat_of(LISTENER) and not room.request_of(LISTENER)
    assert refusal(room, LISTENER, c.AcceptInvitation()) == "consent_needed"
    assert do(room, LISTENER, c.AcceptInvitation(consent=True)).seat_of(LISTENER)


def test_it_leaves_who_declines_while_being_approved_a_listener() -> None:
    room = do(live_room(requests=(SpeakRequest(LISTENER, "", NOW),)), HOST, c.StartRecording())
    room = do(do(room, HOST, c.ApproveRequest(LISTENER)), LISTENER, c.DeclineInvitation())
    assert not room.seat_of(LISTENER) and not room.invitation_of(LISTENER)
    assert refusal(room, HOST, c.ApproveRequest(LISTENER)) == "no_request"


def test_it_lets_who_declines_in_line_go_from_the_line() -> None:
    room = do(agreed(), LISTENER, c.RequestToSpeak(consent=True))
    assert not do(room, LISTENER, c.DeclineConsent()).request_of(LISTENER)


def test_it_asks_whose_invitation_was_open_when_it_started() -> None:
    room = do(do(live_room(), HOST, c.Invite(LISTENER, Role.SPEAKER)), HOST, c.StartRecording())
    assert refusal(room, LISTENER, c.AcceptInvitation()) == "consent_needed"
    assert room.invitation_of(LISTENER), "The invitation stays open for the second try."
    assert LISTENER in consented(do(room, LISTENER, c.AcceptInvitation(consent=True)))


def test_it_passes_over_who_waits_without_a_word_when_seats_become_free() -> None:
    waiting = (SpeakRequest(LISTENER, "", NOW), SpeakRequest(LISTENER2, "", NOW))
    room = do(live_room(requests=waiting), HOST, c.StartRecording())
    room = do(room, HOST, c.UpdateRoom(speak_rule=SpeakRule.EVERYONE))
    assert not room.seat_of(LISTENER)
    assert do(room, HOST, c.StopRecording()).seat_of(LISTENER), "Without REC their turn has come."


def test_it_keeps_the_line_when_the_stage_is_full() -> None:
    room = live_room(speakers=10, requests=(SpeakRequest(LISTENER, "", NOW),))
    assert (
        refusal(do(room, HOST, c.StartRecording()), HOST, c.ApproveRequest(LISTENER))
        == "stage_full"
    )
