"""Rooms for the tests of the rules: plain values, no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from config.limits import Limits
from spaces.rooms import commands, events, rules
from spaces.rooms.actor import SYSTEM, Actor
from spaces.rooms.commands import RoomCommand
from spaces.rooms.errors import RoomError
from spaces.rooms.state import Person, Phase, Role, Room, Seat

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
LIMITS = Limits()
HOST, COHOST, COHOST2 = 1, 11, 12
SPEAKER, SPEAKER2 = 21, 22
LISTENER, LISTENER2 = 31, 32
STAFF = 91
STRANGER = 99  # Has an account and was never here.

Told = tuple[events.Event, ...]


def person(user: int, **facts: Any) -> Person:  # Any: facts of different types.
    facts = {"is_here": True, "came_before": True, "is_staff": user >= 91 and user < 95, **facts}
    return Person(user, f"p{user}", f"P {user}", f"/a/{user}.png", f"/@p{user}/", **facts)


# Any: fields of different types.
def seat(user: int, role: Role, order: int, **fields: Any) -> Seat:
    since = NOW - timedelta(minutes=30) + timedelta(seconds=order)
    return Seat(
        **{
            "user": user,
            "role": role,
            "order": order,
            "role_since": since,
            "seen_at": NOW,
            **fields,
        }
    )


# Any: fields of different types.
def live_room(*, cohosts: int = 1, speakers: int = 1, **fields: Any) -> Room:
    """Return a live room: host 1, co-hosts from 11, speakers from 21; listeners 31 to 49 and staff
    91 are known.
    """
    seats = [seat(HOST, Role.HOST, 0)]
    seats += [seat(11 + i, Role.COHOST, 1 + i) for i in range(cohosts)]
    seats += [seat(21 + i, Role.SPEAKER, 10 + i) for i in range(speakers)]
    ids = [HOST, *range(11, 14), *range(21, 34), *range(34, 50), STAFF, 92]
    people = {user: person(user) for user in ids}
    people[STRANGER] = person(STRANGER, is_here=False, came_before=False)
    room = Room(
        "abc",
        1,
        Phase.LIVE,
        "Tea",
        HOST,
        video=True,
        seats=tuple(seats),
        people=people,
        started_at=NOW,
    )
    return replace(room, **fields)


def actor(user: int | None) -> Actor:
    return Actor(user, is_staff=user is not None and 91 <= user < 95)


def do(room: Room, user: int | None, command: RoomCommand, *, after_s: float = 0) -> Room:
    return apply(room, user, command, after_s=after_s)[0]


def apply(
    room: Room, user: int | None, command: RoomCommand, *, after_s: float = 0
) -> tuple[Room, Told]:
    return rules.apply(room, actor(user), command, NOW + timedelta(seconds=after_s), LIMITS)


def refusal(room: Room, user: int | None, command: RoomCommand, *, after_s: float = 0) -> str:
    """Return the code of the refusal, or "" if it was allowed."""
    try:
        do(room, user, command, after_s=after_s)
    except RoomError as error:
        return error.code
    return ""


def tick(
    room: Room, *, at_s: float, seen: dict[int, float] | None = None, heard_since_s: float = -9999
) -> Room:
    """Let the clock look at the room at `at_s`; `seen` holds seconds of last signs of life, all
    relative to NOW.
    """
    return ticked(room, at_s=at_s, seen=seen, heard_since_s=heard_since_s)[0]


def ticked(
    room: Room, *, at_s: float, seen: dict[int, float] | None = None, heard_since_s: float = -9999
) -> tuple[Room, Told]:
    signs = {user: NOW + timedelta(seconds=second) for user, second in (seen or {}).items()}
    command = commands.Tick(signs, NOW + timedelta(seconds=heard_since_s))
    return rules.apply(room, SYSTEM, command, NOW + timedelta(seconds=at_s), LIMITS)


def outside(room: Room, command: RoomCommand) -> tuple[Room, Told]:
    """Let the site tell the room of something."""
    return rules.apply(room, SYSTEM, command, NOW, LIMITS)


def know(room: Room, user: int, **facts: Any) -> Room:  # Any: facts of different types.
    """Return the room with other facts about somebody."""
    return replace(room, people={**room.people, user: replace(room.people[user], **facts)})
