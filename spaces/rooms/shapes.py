"""What a message of the room's socket is made of: plain values as a viewer may see them.

`config.dev.wire` writes the page's types and the list in PROTOCOL.md from these classes; a name
ends in `View` only here.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from spaces.rooms.permissions import Privilege
from spaces.rooms.state import Phase, Presence, Role, Source, SpeakRule

StageRole = Annotated[
    Role, Meta(extra_json_schema={"enum": [Role.HOST, Role.COHOST, Role.SPEAKER]})
]
Relation = Literal["mutual", "follows_you", "you_follow", ""]
CaptionStatus = Literal["off", "ok", "behind", "unavailable"]


class PersonView(Struct, frozen=True):
    id: int
    handle: str
    name: str
    avatar: str
    url: str


class SeatView(Struct, frozen=True):
    """`interrupted` is what is on but taken by the person's system for now: there is silence, no
    picture, or one that stands still.
    """

    user: PersonView
    role: StageRole
    mic: bool
    camera: bool
    screen: bool
    interrupted: tuple[Source, ...]
    muted_by: int | None
    presence: Presence
    order: int


class SpeakRequestView(Struct, frozen=True):
    """For host and co-hosts alone. `place` in the queue begins at 1; `relation` is to the host."""

    user: PersonView
    reason: str
    place: int
    relation: Relation


class PinnedPostView(Struct, frozen=True):
    id: int
    url: str
    author: PersonView
    text: str


class PinView(Struct, frozen=True):
    id: int
    post: PinnedPostView
    by: int


class LimitsView(Struct, frozen=True):
    """Limits of this site that the page shows or holds (`config/limits.py`); `_s` is seconds."""

    stage_seats: int
    cohosts: int
    space_title_chars: int
    request_reason_chars: int
    consent_s: int
    replay_kept_s: int


class SpaceView(Struct, frozen=True):
    id: str
    title: str
    url: str
    state: Phase
    host: PersonView
    acting_host: int | None
    host_lost_until: datetime | None
    topics: tuple[str, ...]
    language: str
    speak_rule: SpeakRule
    requests_open: bool
    video: bool
    visitors_allowed: bool
    mics_locked: bool
    locked: bool
    recording: bool
    recording_wanted: bool
    spotlight: int | None
    scheduled_for: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    limits: LimitsView


class InvitationView(Struct, frozen=True):
    """Role `host` asks a speaker to take over."""

    role: StageRole
    by: PersonView
    expires_at: datetime


class OwnRequestView(Struct, frozen=True):
    place: int
    reason: str


class ConsentView(Struct, frozen=True):
    """A word on being recorded: given, or an open question until `expires_at`."""

    given: bool
    expires_at: datetime | None


class UnmuteQuestionView(Struct, frozen=True):
    """Somebody asks the viewer to un-mute. After `expires_at` no page begins to show it."""

    by: PersonView
    expires_at: datetime


class MeView(Struct, frozen=True):
    """The viewer. `can` are the rows of RULES §4 that this role may do to a participant (a co-host
    still not to the host, a speaker unpins only their own).
    """

    user: PersonView | None
    role: Role
    request: OwnRequestView | None
    may_request_at: datetime | None
    invitation: InvitationView | None
    consent: ConsentView | None
    unmute: UnmuteQuestionView | None
    can: tuple[Privilege, ...]


class ListenersView(Struct, frozen=True):
    """`count` includes visitors without an account, who have no face in `sample`."""

    count: int
    sample: tuple[PersonView, ...]


class CaptionsView(Struct, frozen=True):
    """`reason` says why there are none: `starting`, `language`, `no_engine`, `no_egress`."""

    available: bool
    status: CaptionStatus
    reason: str


class AssignedView(Struct, frozen=True):
    """Whom each slot carries; `active` is the active speaker."""

    audio: tuple[int | None, ...]
    video: int | None
    screen: int | None
    active: int | None


class IceServerView(Struct, frozen=True):
    urls: tuple[str, ...]
    username: str
    credential: str


class ListedPersonView(Struct, frozen=True):
    """A participant in the list of listeners. `relation` is to the viewer."""

    user: PersonView
    relation: Relation
    role: Role


class BannedPersonView(Struct, frozen=True):
    user: PersonView
    by: PersonView | None
    at: datetime


class LeftPersonView(Struct, frozen=True):
    user: PersonView
