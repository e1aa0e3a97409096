"""Every row of RULES §4 × role, on the rules.

The same rows go through sockets in tests/spaces/consumers.
"""

from dataclasses import replace

import pytest

from spaces.protocol import MESSAGES
from spaces.rooms import commands, permissions
from spaces.rooms.actor import Actor
from spaces.rooms.permissions import TABLE, Privilege
from spaces.rooms.state import Presence, Role
from tests.spaces.rooms.table import ACTORS, Row, rows
from tests.spaces.rooms.world import (
    COHOST,
    COHOST2,
    HOST,
    LISTENER,
    NOW,
    SPEAKER,
    actor,
    do,
    live_room,
    refusal,
)

CASES = [pytest.param(row, who, id=f"{row.name} as {who}") for row in rows() for who in ACTORS]

# By one's own request, invitation, seat or answer, not by a row of RULES §4; leaving is for all.
FOR_ONESELF = {
    commands.RequestToSpeak,
    commands.CancelRequest,
    commands.LeaveSeat,
    commands.LeaveRoom,
    commands.AcceptInvitation,
    commands.DeclineInvitation,
    commands.AcceptHost,
    commands.DeclineHost,
    commands.GiveConsent,
    commands.DeclineConsent,
    # Of a room that is not live yet, where the table has no rows.
    commands.StartSpace,
}


@pytest.mark.parametrize(("row", "who"), CASES)
def test_it_follows_the_table(row: Row, who: str) -> None:
    expected = "" if who in row.allowed else "log_in" if who == "visitor" else "not_allowed"
    assert refusal(row.room_for(who), ACTORS[who], row.command) == expected


def test_it_has_a_row_for_every_command_but_those_for_oneself() -> None:
    named = {each for each in MESSAGES.values() if issubclass(each, commands.RoomCommand)}
    # The rules see what the service found at the address of a pin.
    named = (named - {commands.AddPin}) | {commands.PinPost}
    assert named - {type(row.command) for row in rows()} == FOR_ONESELF


def test_it_grants_unmuting_others_to_nobody() -> None:
    assert TABLE[Privilege.UNMUTE_OTHERS] == {}


def test_it_has_no_command_that_opens_anothers_microphone_or_camera() -> None:
    room = live_room(cohosts=2, speakers=2)
    for row in rows():
        for who, user in ACTORS.items():
            if who not in row.allowed or user is None:
                continue
            after = do(row.room_for(who), user, row.command)
            opened = {s.user for s in after.seats if s.microphone or s.camera or s.screen}
            assert opened <= {user}, row.name
    assert room.seats


@pytest.mark.parametrize(
    ("is_acting", "expected"), [(True, ""), (False, "not_allowed")], ids=["acting", "not acting"]
)
def test_it_lets_a_cohost_end_only_while_acting(is_acting: bool, expected: str) -> None:
    room = live_room(cohosts=2)
    lost = replace(room.seats[0], presence=Presence.LOST, lost_at=NOW)
    room = replace(
        room, seats=(lost, *room.seats[1:]), acting_host=COHOST if is_acting else COHOST2
    )
    assert refusal(room, COHOST, commands.EndSpace()) == expected


def test_it_shows_each_role_what_it_can_do() -> None:
    room = live_room()
    assert permissions.can(room, actor(LISTENER)) == ("react",)
    assert permissions.can(room, actor(None)) == ()
    assert permissions.can(room, actor(SPEAKER)) == ("publish", "pin", "unpin", "react")
    assert "end" in permissions.can(room, actor(HOST))
    assert "end" not in permissions.can(room, actor(COHOST))


def test_it_shows_staff_as_moderator_unless_they_are_on_stage() -> None:
    room = live_room()
    assert permissions.shown_role(room, actor(91)) is Role.MODERATOR
    assert permissions.shown_role(room, Actor(SPEAKER, is_staff=True)) is Role.SPEAKER
