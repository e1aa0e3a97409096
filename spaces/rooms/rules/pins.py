"""Pinned posts."""

from dataclasses import replace

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Privilege
from spaces.rooms.rules.context import Rule, RuleContext, require
from spaces.rooms.state import Pin, Room


def add(context: RuleContext, command: commands.PinPost) -> Room:
    """Pin a post that everyone may see. One that is pinned already stays where it is."""
    require(context, Privilege.PIN)
    post = command.post
    if post is None:
        raise RoomError(ErrorCode.BAD_POST)
    # No error: two who pin the same post at once both have what they wanted.
    if any(pin.post.id == post.id for pin in context.room.pins):
        return context.room
    if len(context.room.pins) >= context.limits.pins:
        raise RoomError(ErrorCode.TOO_MANY)
    return replace(context.room, pins=(*context.room.pins, Pin(post=post, by=context.me)))


def remove(context: RuleContext, command: commands.RemovePin) -> Room:
    pin = next((pin for pin in context.room.pins if pin.id == command.pin), None)
    # The role first, as if the pin were one's own: only who may unpin at all hears that it is gone.
    require(context, Privilege.UNPIN, is_own=pin is None or pin.by == context.actor.id)
    if pin is None:
        raise RoomError(ErrorCode.BAD_POST)
    return replace(
        context.room, pins=tuple(other for other in context.room.pins if other.id != pin.id)
    )


RULES: dict[type[commands.RoomCommand], Rule] = {commands.PinPost: add, commands.RemovePin: remove}
