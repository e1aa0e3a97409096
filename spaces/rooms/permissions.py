"""Who may do what in a room: the table of RULES §4 as data.

Rules, REST and `me.can` all ask here.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum

from spaces.rooms.actor import Actor
from spaces.rooms.state import Phase, Role, Room, Seat


class Privilege(StrEnum):
    """A row of the table. The value is the word in `me.can`."""

    PUBLISH = "publish"  # Talk, camera, share screen.
    MANAGE_SPEAKERS = "speakers"  # Invite, approve, decline.
    MOVE_DOWN = "move_down"
    REMOVE = "remove"
    UNBAN = "unban"  # See who was removed, and let them in again.
    MUTE = "mute"  # Mute one, mute all, lock microphones, camera off.
    UNMUTE_OTHERS = "unmute_others"  # Un-mute another user or start their camera: never.
    MANAGE_COHOSTS = "cohosts"
    PIN = "pin"
    UNPIN = "unpin"
    EDIT = "edit"  # Title, speak rule, cameras allowed, lock room.
    RECORD = "record"
    DELETE_REPLAY = "delete_replay"
    SPOTLIGHT = "spotlight"
    END = "end"
    START = "start"
    HAND_OVER = "hand_over"
    REACT = "react"  # React, share, report, block, captions.


class Grant(Enum):
    YES = "yes"
    NOT_HOST = "not on the host"
    NOT_LEADERS = "not on host or co-host"
    OWN = "on one's own"
    ACTING = "while acting host"


YES = Grant.YES
H, C, S, L, M = Role.HOST, Role.COHOST, Role.SPEAKER, Role.LISTENER, Role.MODERATOR

TABLE: Mapping[Privilege, Mapping[Role, Grant]] = {
    Privilege.PUBLISH: {H: YES, C: YES, S: YES},
    Privilege.MANAGE_SPEAKERS: {H: YES, C: YES},
    Privilege.MOVE_DOWN: {H: YES, C: Grant.NOT_LEADERS, M: YES},
    Privilege.REMOVE: {H: YES, C: Grant.NOT_LEADERS, M: YES},
    Privilege.UNBAN: {H: YES, M: YES},
    Privilege.MUTE: {H: YES, C: Grant.NOT_HOST, M: YES},
    # No role, staff included: the row is here so that the table says "never" as RULES §4 does.
    Privilege.UNMUTE_OTHERS: {},
    # An acting host is a co-host: what is the host's alone waits for the host.
    Privilege.MANAGE_COHOSTS: {H: YES},
    Privilege.PIN: {H: YES, C: YES, S: YES},
    Privilege.UNPIN: {H: YES, C: YES, S: Grant.OWN, M: YES},
    Privilege.EDIT: {H: YES, M: YES},
    Privilege.RECORD: {H: YES},
    Privilege.DELETE_REPLAY: {H: YES, M: YES},
    Privilege.SPOTLIGHT: {H: YES, C: YES},
    Privilege.END: {H: YES, C: Grant.ACTING, M: YES},
    Privilege.START: {H: YES},
    Privilege.HAND_OVER: {H: YES},
    Privilege.REACT: {H: YES, C: YES, S: YES, L: YES, M: YES},
}

# Rows whose messages do not exist (yet, or ever) are not shown as possible.
_NOT_ON_THE_WIRE = {Privilege.UNMUTE_OTHERS, Privilege.DELETE_REPLAY}


def roles_of(room: Room, actor: Actor) -> frozenset[Role]:
    """Return the roles an actor has at once: staff are moderators whatever else they are."""
    if actor.id is None:
        return frozenset({Role.VISITOR})
    # Both at once: a moderator does not publish, so one on stage needs the seat's role too.
    role = _role_of(room, actor.id)
    return frozenset({role, Role.MODERATOR}) if actor.is_staff else frozenset({role})


def shown_role(room: Room, actor: Actor) -> Role:
    """Return the one role the page names: the seat's, else moderator, listener or visitor."""
    if actor.id is None:
        return Role.VISITOR
    role = _role_of(room, actor.id)
    return Role.MODERATOR if role is Role.LISTENER and actor.is_staff else role


def _role_of(room: Room, user: int) -> Role:
    """Return the seat's role, or what a user without a seat is."""
    seat = room.seat_of(user)
    if seat:
        return seat.role
    # Before the green room there are no seats, and the host is host all the same. In a live room a
    # host without a seat is one whom staff took off the stage: a listener.
    is_before = room.phase not in (Phase.GREEN, Phase.LIVE)
    return Role.HOST if user == room.host and is_before else Role.LISTENER


def may(
    room: Room, actor: Actor, action: Privilege, target: Seat | None = None, *, is_own: bool = False
) -> bool:
    """True if one of the actor's roles allows `action`, on the seat `target` where it has one."""
    grants = TABLE[action]
    return any(
        _holds(grants[role], room, actor, target, is_own)
        for role in roles_of(room, actor)
        if role in grants
    )


def _holds(grant: Grant, room: Room, actor: Actor, target: Seat | None, is_own: bool) -> bool:
    match grant:
        case Grant.YES:
            return True
        case Grant.NOT_HOST:
            return target is None or target.role is not Role.HOST
        case Grant.NOT_LEADERS:
            return target is None or target.role not in (Role.HOST, Role.COHOST)
        case Grant.OWN:
            return is_own
        case Grant.ACTING:
            return actor.id is not None and room.acting_host == actor.id


def can(room: Room, actor: Actor) -> tuple[Privilege, ...]:
    """Return the actions that the page may offer."""
    # As if on a target that allows it: which one it is, is asked when the action is done.
    rows = (action for action in Privilege if action not in _NOT_ON_THE_WIRE)
    return tuple(action for action in rows if may(room, actor, action, is_own=True))
