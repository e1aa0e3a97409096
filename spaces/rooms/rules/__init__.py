"""The rules of the room, pure: `apply(room, actor, command, now, limits) -> (room, events)` or
RoomError.

No database, no Redis, no clock of its own. What viewers see of a change is worked out by comparing
the room before and after (`diff`), so that no rule can forget to tell a viewer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from config.limits import Limits
from spaces.rooms import commands, events
from spaces.rooms.actor import Actor
from spaces.rooms.diff import changes_between
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.rules import (
    invitations,
    leadership,
    lifecycle,
    moderation,
    outside,
    pins,
    planning,
    queue,
    recording,
    stage,
    succession,
    timers,
)
from spaces.rooms.rules.context import Rule, RuleContext
from spaces.rooms.state import Room

_RULES: Mapping[type[commands.RoomCommand], Rule] = {
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
    **outside.RULES,
}
# These check by themselves who may come in, or are not sent by a user.
_WITHOUT_ENTRY_CHECK = (commands.Join, commands.Tick, commands.Expel)


def apply(
    room: Room, actor: Actor, command: commands.RoomCommand, now: datetime, limits: Limits
) -> tuple[Room, tuple[events.Event, ...]]:
    """Return the room after `command` and what to tell whom.

    Raises RoomError; nothing has happened then. `rev` grows by one if a viewer sees a difference.
    """
    context = RuleContext(room, actor, now, limits)
    _check_entry(context, command)
    after = queue.seat_those_who_wait(context, _RULES[type(command)](context, command))
    # Last of all, when it is known who is on stage: these are asked whether they may be recorded.
    after = recording.settle(context, succession.settle(context, after))
    told = changes_between(room, after, now)
    # Who may come in is part of the room, though no event shows a lifted ban.
    may_enter_differs = (after.bans, after.visitors_allowed) != (room.bans, room.visitors_allowed)
    if told or may_enter_differs:
        after = replace(after, rev=room.rev + 1)
    return after, (*told, *context.told_once)


def check_may_enter(room: Room, actor: Actor, now: datetime, limits: Limits) -> None:
    """Raise RoomError (ended, log_in, not_available) unless the actor may be in this room."""
    lifecycle.check_may_enter(RuleContext(room, actor, now, limits))


def _check_entry(context: RuleContext, command: commands.RoomCommand) -> None:
    """Refuse everything after the end, and all that a removed participant still sends."""
    if context.room.is_over and not isinstance(command, commands.Join):
        raise RoomError(ErrorCode.ENDED)
    if context.actor.is_system or isinstance(command, _WITHOUT_ENTRY_CHECK):
        return
    # What a visitor may not do is refused by each rule, with `log_in` instead of `not_available`.
    if context.actor.id is None:
        return
    person = context.room.people.get(context.actor.id)
    if person is None or person.is_away:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    # A seat is enough: who is removed, blocked or suspended is taken off the stage.
    if context.actor.is_staff or context.room.seat_of(context.actor.id):
        return
    if context.actor.id in context.room.bans or person.blocked_with_host:
        raise RoomError(ErrorCode.NOT_AVAILABLE)


__all__ = ["apply", "check_may_enter"]
