"""What every rule is given, and the small steps that rules share."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from config.limits import Limits
from spaces.rooms.actor import Actor
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.events import Event
from spaces.rooms.permissions import Privilege, may
from spaces.rooms.state import Cooldowns, Person, Phase, Role, Room, Seat


@dataclass(frozen=True)
class RuleContext:
    """One command's moment: the room before it, who asks, and when."""

    room: Room
    actor: Actor
    now: datetime
    limits: Limits
    # What rules add of their own: events that no comparison of rooms can find, for they are stored
    # nowhere.
    told_once: list[Event] = field(default_factory=list)

    @property
    def me(self) -> int:
        """The actor's account. Raises RoomError log_in for a visitor without one."""
        if self.actor.id is None:
            raise RoomError(ErrorCode.LOG_IN)
        return self.actor.id

    def after(self, seconds: int) -> datetime:
        return self.now + timedelta(seconds=seconds)


Rule = Callable[[RuleContext, Any], Room]  # Any: each rule takes its own class of command.


def require(
    context: RuleContext, action: Privilege, target: Seat | None = None, *, is_own: bool = False
) -> None:
    """Raise RoomError not_allowed (log_in for a visitor) unless the table allows it."""
    if not may(context.room, context.actor, action, target, is_own=is_own):
        raise RoomError(ErrorCode.NOT_ALLOWED if context.actor.id is not None else ErrorCode.LOG_IN)


def require_live(context: RuleContext) -> None:
    if context.room.phase is not Phase.LIVE:
        raise RoomError(ErrorCode.NOT_LIVE)


def own_seat(context: RuleContext) -> Seat:
    """Return the actor's seat. Raises RoomError not_allowed: without a seat no user publishes."""
    seat = context.room.seat_of(context.me)
    if seat is None:
        raise RoomError(ErrorCode.NOT_ALLOWED)
    return seat


def seat_of(context: RuleContext, user: int) -> Seat:
    seat = context.room.seat_of(user)
    if seat is None:
        raise RoomError(ErrorCode.NOT_ON_STAGE)
    return seat


def person_in_room(context: RuleContext, user: int) -> Person:
    """Return a participant who is in the room now and may be.

    Raises RoomError not_available or not_here.
    """
    person = context.room.people.get(user)
    if person is None or person.is_away or user in context.room.bans or person.blocked_with_host:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    # On stage the clock has judged them already; a listener is asked for by the last ping.
    seat = context.room.seat_of(user)
    if not (seat.is_connected if seat else person.is_here):
        raise RoomError(ErrorCode.NOT_HERE)
    return person


# --- steps ----------------------------------------------------------------------------------------


def with_seat(room: Room, seat: Seat) -> Room:
    """Put a changed seat in its place."""
    return replace(room, seats=tuple(seat if old.user == seat.user else old for old in room.seats))


def without_seat(room: Room, user: int) -> Room:
    # A spotlight on an empty place would hide the active speaker from every viewer.
    seats = tuple(seat for seat in room.seats if seat.user != user)
    return replace(room, seats=seats, spotlight=None if room.spotlight == user else room.spotlight)


def without_request(room: Room, user: int) -> Room:
    return replace(
        room, requests=tuple(request for request in room.requests if request.user != user)
    )


def without_invitation(room: Room, user: int) -> Room:
    return replace(
        room, invitations=tuple(asked for asked in room.invitations if asked.user != user)
    )


def with_cooldowns(room: Room, user: int, **changes: datetime | None) -> Room:
    waits = replace(room.cooldowns.get(user, Cooldowns()), **changes)
    return replace(room, cooldowns={**room.cooldowns, user: waits})


def silenced(seat: Seat) -> Seat:
    return replace(seat, microphone=False, camera=False, screen=False)


def with_video(room: Room, is_on: bool) -> Room:
    """Allow cameras and screens, or not; those that are on go dark then."""
    if is_on:
        return replace(room, video=True)
    dark = tuple(replace(seat, camera=False, screen=False) for seat in room.seats)
    return replace(room, video=False, seats=dark)


def take_seat(context: RuleContext, room: Room, user: int, role: Role) -> Room:
    """Seat `user` as speaker or co-host, muted and with the camera off; what they waited for is
    done.

    Raises RoomError stage_full, cohosts_full or consent_needed; nothing has changed then.
    """
    # The room is locked meanwhile, so of two approvals for the last seat one wins (RULES §5).
    require_free(context, room, role)
    old = room.seat_of(user)
    if needs_consent(room, user):
        raise RoomError(ErrorCode.CONSENT_NEEDED)
    room = without_invitation(without_request(room, user), user)
    # A speaker who becomes co-host is in the middle of talking: nothing is muted.
    if old is not None:
        return with_seat(room, replace(old, role=role, role_since=context.now))
    # One more than any: orders of seats that were left are not used again while others sit.
    order = max((seat.order for seat in room.seats), default=0) + 1
    seat = Seat(user=user, role=role, order=order, role_since=context.now, seen_at=context.now)
    return replace(room, seats=(*room.seats, seat))


def needs_consent(room: Room, user: int) -> bool:
    """True for a user who has not agreed to be recorded, in a room that is recorded."""
    consent = room.consents.get(user)
    return room.recording and (consent is None or not consent.is_given)


def require_free(context: RuleContext, room: Room, role: Role) -> None:
    """Raise RoomError (stage_full, cohosts_full) unless one more seat of `role` is free."""
    if not is_free(context, room, role):
        raise RoomError(ErrorCode.COHOSTS_FULL if role is Role.COHOST else ErrorCode.STAGE_FULL)


def is_free(context: RuleContext, room: Room, role: Role) -> bool:
    """True if one more of `role`, co-host or speaker, has a seat."""
    # Counted for each role: seats of co-hosts stay reserved, also while they are empty (RULES §5).
    seats = context.limits.cohosts if role is Role.COHOST else context.limits.speakers
    return len(room.seats_as(role)) < seats
