"""Pinned posts."""

from dataclasses import replace

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Action
from spaces.rooms.rules.step import Rule, Turn, require
from spaces.rooms.state import Pin, Room


def add(turn: Turn, command: commands.PinPost) -> Room:
    """Pin a post that everyone may see. One that is pinned already stays where it is."""
    require(turn, Action.PIN)
    post = command.post
    if post is None:
        raise RoomError(ErrorCode.BAD_POST)
    if any(pin.post.id == post.id for pin in turn.room.pins):
        return turn.room
    if len(turn.room.pins) >= turn.limits.pins:
        raise RoomError(ErrorCode.TOO_MANY)
    return replace(turn.room, pins=(*turn.room.pins, Pin(post=post, by=turn.me)))


def remove(turn: Turn, command: commands.RemovePin) -> Room:
    pin = next((pin for pin in turn.room.pins if pin.id == command.pin), None)
    require(turn, Action.UNPIN, is_own=pin is None or pin.by == turn.actor.id)
    if pin is None:
        raise RoomError(ErrorCode.BAD_POST)
    return replace(turn.room, pins=tuple(other for other in turn.room.pins if other.id != pin.id))


RULES: dict[type[commands.Command], Rule] = {commands.PinPost: add, commands.RemovePin: remove}
