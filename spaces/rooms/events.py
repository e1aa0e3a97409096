"""What the room tells clients. Each event knows its audience; `encoding` makes messages of them."""

from dataclasses import dataclass
from datetime import datetime

from spaces.rooms.state import Role


@dataclass(frozen=True)
class Event:
    """Base of all."""


@dataclass(frozen=True)
class ToEveryone(Event):
    """For every socket of the room."""


@dataclass(frozen=True)
class ToHosts(Event):
    """For the host and the co-hosts."""


@dataclass(frozen=True)
class ToOne(Event):
    """For one account. Visitors without an account get none of these."""

    to: int


@dataclass(frozen=True)
class SpaceChanged(ToEveryone):
    pass


@dataclass(frozen=True)
class SeatChanged(ToEveryone):
    user: int


@dataclass(frozen=True)
class SeatRemoved(ToEveryone):
    user: int


@dataclass(frozen=True)
class HostChanged(ToEveryone):
    pass


@dataclass(frozen=True)
class HostLost(ToEveryone):
    """`until` None: the host, or an acting host, is there again."""

    until: datetime | None


@dataclass(frozen=True)
class PinAdded(ToEveryone):
    """Everyone who may see the post; others get the bare `rev`."""

    # Not the pin's id, which is known only when its row is stored; encoding looks it up.
    post: int


@dataclass(frozen=True)
class PinRemoved(ToEveryone):
    pin: int


@dataclass(frozen=True)
class PinsChanged(ToEveryone):
    """Not what is pinned has changed, but what can be seen of it."""


@dataclass(frozen=True)
class PersonChanged(ToEveryone):
    """Another name, handle or picture, or the role of staff given or taken away."""

    user: int


@dataclass(frozen=True)
class SpaceEnded(ToEveryone):
    pass


@dataclass(frozen=True)
class RequestAdded(ToHosts):
    user: int


@dataclass(frozen=True)
class RequestRemoved(ToHosts):
    user: int


@dataclass(frozen=True)
class RequestsShown(ToOne):
    """The whole queue, for a participant who has just become host or co-host."""


@dataclass(frozen=True)
class RequestsHidden(ToOne):
    """For a participant who is host or co-host no more."""


@dataclass(frozen=True)
class MeChanged(ToOne):
    pass


@dataclass(frozen=True)
class InvitationReceived(ToOne):
    role: Role
    by: int
    expires_at: datetime


@dataclass(frozen=True)
class HostOffered(ToOne):
    by: int
    expires_at: datetime


@dataclass(frozen=True)
class ConsentNeeded(ToOne):
    """The room is recorded from now on: say yes before `expires_at`, or be a listener."""

    expires_at: datetime


@dataclass(frozen=True)
class UnmuteAsked(ToOne):
    by: int


@dataclass(frozen=True)
class Removed(ToOne):
    pass
