"""What people, and the clock, can ask of a room.

One frozen class a message; the wire's words are in `protocol`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from spaces.rooms.state import PinnedPost, Role, SpeakRule


@dataclass(frozen=True)
class Actor:
    """Who asks.

    `id` None is a visitor without an account, unless `is_system`: the server's own clock.
    """

    id: int | None
    is_staff: bool = False
    is_system: bool = False


SYSTEM = Actor(None, is_system=True)
VISITOR = Actor(None)


@dataclass(frozen=True)
class Command:
    """Base of all. Commands about somebody else name them in `user`."""


@dataclass(frozen=True)
class Aimed(Command):
    user: int


# --- a person for themselves ----------------------------------------------------------------------


@dataclass(frozen=True)
class Join(Command):
    """A socket of this person has opened. `page` is a random word of the page: the same one is
    back, or another.

    `heard_at` is until when we know them to have been there; None if nobody has looked.
    """

    page: str = ""
    heard_at: datetime | None = None


@dataclass(frozen=True)
class SetMicrophone(Command):
    on: bool


@dataclass(frozen=True)
class SetCamera(Command):
    on: bool


@dataclass(frozen=True)
class SetScreen(Command):
    on: bool


@dataclass(frozen=True)
class RequestToSpeak(Command):
    """`consent` is a yes to being recorded, needed while the room is."""

    reason: str = ""
    consent: bool = False


@dataclass(frozen=True)
class CancelRequest(Command):
    pass


@dataclass(frozen=True)
class LeaveSeat(Command):
    pass


@dataclass(frozen=True)
class LeaveRoom(Command):
    pass


@dataclass(frozen=True)
class AcceptInvitation(Command):
    """`consent` is a yes to being recorded, needed while the room is."""

    consent: bool = False


@dataclass(frozen=True)
class DeclineInvitation(Command):
    pass


@dataclass(frozen=True)
class AcceptHost(Command):
    pass


@dataclass(frozen=True)
class DeclineHost(Command):
    pass


@dataclass(frozen=True)
class GiveConsent(Command):
    pass


@dataclass(frozen=True)
class DeclineConsent(Command):
    pass


# --- about somebody else --------------------------------------------------------------------------


@dataclass(frozen=True)
class ApproveRequest(Aimed):
    pass


@dataclass(frozen=True)
class DeclineRequest(Aimed):
    pass


@dataclass(frozen=True)
class Invite(Aimed):
    role: Role


@dataclass(frozen=True)
class MoveDown(Aimed):
    pass


@dataclass(frozen=True)
class MuteSeat(Aimed):
    pass


@dataclass(frozen=True)
class AskToUnmute(Aimed):
    pass


@dataclass(frozen=True)
class TurnCameraOff(Aimed):
    pass


@dataclass(frozen=True)
class Remove(Aimed):
    pass


@dataclass(frozen=True)
class Unban(Aimed):
    pass


@dataclass(frozen=True)
class HandOver(Aimed):
    pass


@dataclass(frozen=True)
class RemoveCohost(Aimed):
    pass


# --- about the room -------------------------------------------------------------------------------


@dataclass(frozen=True)
class MuteAll(Command):
    pass


@dataclass(frozen=True)
class LockMicrophones(Command):
    on: bool


@dataclass(frozen=True)
class UpdateRoom(Command):
    """None leaves a thing as it is."""

    title: str | None = None
    speak_rule: SpeakRule | None = None
    requests_open: bool | None = None
    video: bool | None = None
    locked: bool | None = None


@dataclass(frozen=True)
class SetSpotlight(Command):
    user: int | None


@dataclass(frozen=True)
class AddPin(Command):
    """`post` is what the store found at the address, or None: no such post, or not one the actor
    may see.
    """

    url: str
    post: PinnedPost | None = None


@dataclass(frozen=True)
class RemovePin(Command):
    pin: int


@dataclass(frozen=True)
class StartRecording(Command):
    pass


@dataclass(frozen=True)
class StopRecording(Command):
    pass


@dataclass(frozen=True)
class StartSpace(Command):
    pass


@dataclass(frozen=True)
class EndSpace(Command):
    pass


@dataclass(frozen=True)
class CancelSpace(Command):
    pass


@dataclass(frozen=True)
class EditSpace(Command):
    """All that "Name your Space" asks for, before the start. `topics` are names in stored order."""

    title: str
    topics: tuple[str, ...]
    language: str
    speak_rule: SpeakRule
    video: bool
    recording_wanted: bool
    transcript_wanted: bool
    visitors_allowed: bool


@dataclass(frozen=True)
class MoveSpace(Command):
    """`scheduled_for` is aware; `time_zone` names the zone the host thought in."""

    scheduled_for: datetime
    time_zone: str


# --- the clock and the house ----------------------------------------------------------------------


@dataclass(frozen=True)
class Tick(Command):
    """The server's look at the clock:

    `seen` holds each one's last sign of life, `heard_since` since when we listen.
    """

    seen: Mapping[int, datetime]
    heard_since: datetime


@dataclass(frozen=True)
class KeepWallClock(Command):
    """Zone rules may have changed: the host's clock, not the instant, is what was chosen."""


@dataclass(frozen=True)
class PutOut(Aimed):
    """The house takes somebody out: suspended, or across a block from the host."""
