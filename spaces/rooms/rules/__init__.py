"""The rules of the room, pure: `apply(room, actor, command, now, limits) -> (room, events)` or
RoomError.

No database, no Redis, no clock of its own. What people see of a change is worked out by comparing
the room before and after (`changes`), so that no rule can forget to tell somebody.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from config.limits import Limits
from spaces.rooms import commands, events
from spaces.rooms.commands import Actor
from spaces.rooms.diff import changes_between
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.rules import (
    invitations,
    leadership,
    lifecycle,
    moderation,
    pins,
    planning,
    queue,
    recording,
    stage,
    succession,
    timers,
)
from spaces.rooms.rules.step import Rule, Turn
from spaces.rooms.state import Room

_RULES: Mapping[type[commands.Command], Rule] = {
    **planning.RULES,
    **lifecycle.RULES,
    **timers.RULES,
    **stage.RULES,
    **queue.RULES,
    **invitations.RULES,
    **moderation.RULES,
    **leadership.RULES,
    **pins.RULES,
    **recording.RULES,
}
# Doors that are tried by everybody; each says `ended` or `not_available` by itself.
_WITHOUT_ENTRY_CHECK = (commands.Join, commands.Tick, commands.PutOut)


def apply(
    room: Room, actor: Actor, command: commands.Command, now: datetime, limits: Limits
) -> tuple[Room, tuple[events.Event, ...]]:
    """Return the room after `command` and what to tell whom. Raises RoomError; nothing has happened
    then.

    `rev` grows by one if anybody can see a difference.
    """
    turn = Turn(room, actor, now, limits)
    _check_entry(turn, command)
    after = queue.seat_those_who_wait(turn, _RULES[type(command)](turn, command))
    after = recording.settle(turn, succession.settle(turn, after))
    told = changes_between(room, after, now)
    # Who may come in is part of the room, though no event shows a lifted ban.
    may_enter_differs = (after.bans, after.visitors_allowed) != (room.bans, room.visitors_allowed)
    if told or may_enter_differs:
        after = replace(after, rev=room.rev + 1)
    return after, (*told, *_said(turn, command))


def check_may_enter(room: Room, actor: Actor, now: datetime, limits: Limits) -> None:
    """Raise RoomError (ended, log_in, not_available) for somebody who has no business in this room."""
    lifecycle.check_may_enter(Turn(room, actor, now, limits))


def _check_entry(turn: Turn, command: commands.Command) -> None:
    """After the end everything is refused, and somebody removed acts no more, whatever socket they
    still hold.
    """
    if turn.room.is_over and not isinstance(command, commands.Join):
        raise RoomError(ErrorCode.ENDED)
    if turn.actor.is_system or isinstance(command, _WITHOUT_ENTRY_CHECK):
        return
    if turn.actor.id is None:
        return
    person = turn.room.people.get(turn.actor.id)
    if person is None or not person.is_active:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    if turn.actor.is_staff or turn.room.seat_of(turn.actor.id):
        return
    if turn.actor.id in turn.room.bans or person.blocked_with_host:
        raise RoomError(ErrorCode.NOT_AVAILABLE)


def _said(turn: Turn, command: commands.Command) -> tuple[events.Event, ...]:
    """What is said once and stored nowhere."""
    if isinstance(command, commands.AskToUnmute):
        return moderation.asked(turn, command)
    return moderation.told_to_go(turn, command) if isinstance(command, commands.PutOut) else ()


__all__ = ["apply", "check_may_enter"]
