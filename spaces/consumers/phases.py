"""Where the life of one room socket is."""

from collections.abc import Mapping
from enum import Enum, auto

from accounts.realtime.socket import CloseCode
from spaces.rooms.errors import ErrorCode

_CLOSE_CODES = {
    ErrorCode.LOG_IN: CloseCode.LOG_IN,
    ErrorCode.ENDED: CloseCode.ENDED,
    ErrorCode.RATE_LIMITED: CloseCode.FLOOD,
}


class SocketPhase(Enum):
    """What a room socket is doing, or why it ends."""

    ENTERING = auto()  # Changes of the room are kept until the snapshot before them is sent.
    IN_ROOM = auto()
    ENDED = auto()  # The room is over; the answer to a command may still be on its way.
    LEAVING = auto()  # For good: left, removed, logged out, turned away.
    CUT = auto()  # We close it because the line is bad: the page is expected back.
    REPLACED = auto()  # Another page of this account is in the room now.
    TAKEN_OVER = auto()  # So is the same page, with a new socket.


_NEXT: Mapping[SocketPhase, frozenset[SocketPhase]] = {
    SocketPhase.ENTERING: frozenset(
        {
            SocketPhase.IN_ROOM,
            SocketPhase.LEAVING,
            SocketPhase.CUT,
            SocketPhase.REPLACED,
            SocketPhase.TAKEN_OVER,
        }
    ),
    SocketPhase.IN_ROOM: frozenset(
        {
            SocketPhase.ENDED,
            SocketPhase.LEAVING,
            SocketPhase.CUT,
            SocketPhase.REPLACED,
            SocketPhase.TAKEN_OVER,
        }
    ),
    SocketPhase.ENDED: frozenset(
        {SocketPhase.LEAVING, SocketPhase.CUT, SocketPhase.REPLACED, SocketPhase.TAKEN_OVER}
    ),
    # A socket on its way out may learn that its place is taken: then it must not give that back.
    SocketPhase.LEAVING: frozenset({SocketPhase.REPLACED, SocketPhase.TAKEN_OVER}),
    SocketPhase.CUT: frozenset({SocketPhase.REPLACED, SocketPhase.TAKEN_OVER}),
    SocketPhase.REPLACED: frozenset(),
    SocketPhase.TAKEN_OVER: frozenset(),
}


def after(phase: SocketPhase, wanted: SocketPhase) -> SocketPhase:
    """Return the next phase of a socket: `wanted` where that is allowed, else its own."""
    return wanted if wanted in _NEXT[phase] else phase


def holds_presence(phase: SocketPhase) -> bool:
    """True while the account's presence in the room is this socket's to give back."""
    return phase not in (SocketPhase.REPLACED, SocketPhase.TAKEN_OVER)


def keeps_media(phase: SocketPhase) -> bool:
    """True if the page may come back: then its sound goes on for a while without the socket."""
    return phase in (
        SocketPhase.ENTERING,
        SocketPhase.IN_ROOM,
        SocketPhase.CUT,
        SocketPhase.TAKEN_OVER,
    )


def close_code_for(error: ErrorCode) -> CloseCode:
    """Return the code with which a socket is closed that is turned away for `error`."""
    return _CLOSE_CODES.get(error, CloseCode.NOT_AVAILABLE)
