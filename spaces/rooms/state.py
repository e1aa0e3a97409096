"""The live state of a Space as plain values: what the rules decide on, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from spaces.rooms.wall_clock import WallTime


class Phase(StrEnum):
    SCHEDULED = "scheduled"
    GREEN = "green"  # The green room: open to those on stage alone (RULES §3).
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Role(StrEnum):
    HOST = "host"
    COHOST = "cohost"
    SPEAKER = "speaker"
    LISTENER = "listener"
    # No seat has these two: they are what staff and visitors may do (`permissions`).
    MODERATOR = "moderator"
    VISITOR = "visitor"


class Presence(StrEnum):
    HERE = "here"
    WEAK = "weak"
    LOST = "lost"


class Source(StrEnum):
    """What somebody on stage sends."""

    MIC = "mic"
    CAMERA = "camera"
    SCREEN = "screen"


class SpeakRule(StrEnum):
    EVERYONE = "everyone"
    FOLLOWED = "followed"
    INVITED = "invited"


class EndReason(StrEnum):
    HOST = "host"
    HOST_LOST = "host_lost"
    MODERATORS = "moderators"
    TOO_LONG = "too_long"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Person:
    """An account as this room knows it. The facts about the host are those of the room's host."""

    id: int
    handle: str
    name: str
    avatar: str
    url: str
    is_staff: bool = False
    is_away: bool = False
    is_protected: bool = False  # Such an account may join and speak, but not host (RULES §1).
    follows_host: bool = False
    followed_by_host: bool = False
    blocked_with_host: bool = False
    hosts_elsewhere: bool = False  # Live: a host has one live Space (RULES §3).
    came_before: bool = False  # A locked room lets in who was there.
    is_here: bool = False  # Known for those a command is about; false for all others.


@dataclass(frozen=True)
class Seat:
    user: int
    role: Role
    order: int
    role_since: datetime  # The longest-serving co-host becomes acting host (RULES §6).
    seen_at: datetime  # When they took it or came back to it; their pings are in Redis alone.
    microphone: bool = False
    camera: bool = False
    screen: bool = False
    # What their system had taken when they last said so; `interruptions` counts.
    interrupted: tuple[Source, ...] = ()
    muted_by: int | None = None
    asked_by: int | None = None  # To un-mute; nobody once the microphone is on.
    presence: Presence = Presence.HERE
    lost_at: datetime | None = None
    page: str = ""  # Only the same page comes back with its microphone on (RULES §6).

    @property
    def is_connected(self) -> bool:
        return self.presence is not Presence.LOST

    @property
    def interruptions(self) -> tuple[Source, ...]:
        """Return what is on and yet not to be heard or seen: a call, another program, a minimised
        window.
        """
        is_on = {
            Source.MIC: self.microphone,
            Source.CAMERA: self.camera,
            Source.SCREEN: self.screen,
        }
        return tuple(source for source in self.interrupted if is_on[source])


@dataclass(frozen=True)
class SpeakRequest:
    user: int
    reason: str
    requested_at: datetime
    lost_at: datetime | None = None  # The place is kept for 60 s (RULES §5).


@dataclass(frozen=True)
class Invitation:
    """An open question; role HOST asks a speaker to take over."""

    user: int
    role: Role
    by: int
    expires_at: datetime


@dataclass(frozen=True)
class Cooldowns:
    """Until when a participant must not ask again, and must not be asked to un-mute again."""

    may_request_at: datetime | None = None
    may_be_asked_at: datetime | None = None


@dataclass(frozen=True)
class Consent:
    """An answer on being recorded: given, or an open question until `expires_at`."""

    # There is no third value: who says no leaves the stage, and needs no answer there.

    expires_at: datetime | None = None

    @property
    def is_given(self) -> bool:
        return self.expires_at is None


@dataclass(frozen=True)
class PinnedPost:
    """A post that everyone may see but those across a block with its author."""

    # In the value, so that the rules and the encoding ask no database whom to hide it from.

    id: int
    url: str
    author: int
    text: str
    hidden_from: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Pin:
    """`id` is 0 until the row is stored; a post is pinned at most once."""

    post: PinnedPost
    by: int
    id: int = 0


@dataclass(frozen=True)
class Room:
    """Everything stored about the room at `rev`. Requests are in the order of the queue, seats by
    arrival, pins by age.

    `wall_time` is what the host's clock will show at the start; None where no time was chosen.
    `people` holds the users whom the state names and those a command is about; who is missing there
    does not exist.
    """

    id: str
    rev: int
    phase: Phase
    title: str
    host: int
    url: str = ""
    topics: tuple[str, ...] = ()
    language: str = "en"
    speak_rule: SpeakRule = SpeakRule.INVITED
    requests_open: bool = True
    video: bool = False
    visitors_allowed: bool = True
    mics_locked: bool = False
    locked: bool = False
    recording: bool = False
    recording_wanted: bool = False
    transcript_wanted: bool = False
    spotlight: int | None = None
    acting_host: int | None = None
    host_lost_until: datetime | None = None  # None also while an acting host stands in.
    scheduled_for: datetime | None = None
    wall_time: WallTime | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: int | None = None
    end_reason: EndReason | None = None
    listened: int = 0  # Both are counted once, at the end (RULES §3).
    spoke: int = 0
    seats: tuple[Seat, ...] = ()
    requests: tuple[SpeakRequest, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    bans: Mapping[int, int] = field(default_factory=dict)  # Who was removed, by whom.
    pins: tuple[Pin, ...] = ()
    cooldowns: Mapping[int, Cooldowns] = field(default_factory=dict)
    consents: Mapping[int, Consent] = field(default_factory=dict)
    people: Mapping[int, Person] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return self.phase in (Phase.ENDED, Phase.CANCELLED)

    def seat_of(self, user: int | None) -> Seat | None:
        return next((seat for seat in self.seats if seat.user == user), None)

    def request_of(self, user: int | None) -> SpeakRequest | None:
        return next((request for request in self.requests if request.user == user), None)

    def invitation_of(self, user: int | None) -> Invitation | None:
        return next(
            (invitation for invitation in self.invitations if invitation.user == user), None
        )

    def place_of(self, user: int) -> int:
        """Return the place in the queue from 1, or 0 for a user who is not in it."""
        return next(
            (place for place, request in enumerate(self.requests, 1) if request.user == user), 0
        )

    def seats_as(self, role: Role) -> list[Seat]:
        return [seat for seat in self.seats if seat.role is role]
