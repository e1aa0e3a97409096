"""What users, and the clock, can ask of a room: one frozen class a message.

Those with a `tag` can be sent over the wire, and the class is what the wire knows of them: its
word, its fields and their bounds (`spaces.protocol` reads them, `config.dev.wire` writes the page's
types and the table of PROTOCOL.md, where a docstring becomes the last column). The others are the
server's own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from config.limits import LIMITS
from spaces.rooms.state import PinnedPost, Role, Source, SpeakRule

MAX_ID = 2**63 - 1  # A BigAutoField.
URL_CHARS = 500
TITLE_CHARS = 500  # The rule says fewer; longer ones deserve its sentence, not `bad_message`.
INVITED_TO = (Role.SPEAKER, Role.COHOST)
# The schema tells the page's types alone: msgspec does not check it, `Invite` does.
INVITED_SCHEMA = {"enum": list(INVITED_TO)}

Id = Annotated[int, Meta(ge=0, le=MAX_ID)]
Reason = Annotated[str, Meta(max_length=LIMITS.request_reason_chars)]
Title = Annotated[str, Meta(max_length=TITLE_CHARS)]
Url = Annotated[str, Meta(max_length=URL_CHARS)]
InvitedRole = Annotated[Role, Meta(extra_json_schema=INVITED_SCHEMA)]


# A field that a command does not have is a mistake of the client: refused, it is noticed; passed
# over, the command would do something else than was meant.
class RoomCommand(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all."""

    # The word of the Space's log. RULES §4 wants every action of host, co-host and staff in it;
    # None for most of what participants do for themselves. Recording is logged by what it does to
    # the room (`audit.of_recording`): it may also begin with the Space and end by a host's no.
    audited_as: ClassVar[str | None] = None


class Aimed(RoomCommand, frozen=True):
    """A command about another user, whom the service loads for the rules with their presence."""

    user: Id


# --- a user for themselves ----------------------------------------------------------------------


class Join(RoomCommand, frozen=True):
    """A socket of this user has opened. `page` is a random word of the page: the same one is back,
    or another.

    `heard_at` is until when they are known to have been there; None if that was not looked up.
    """

    page: str = ""
    heard_at: datetime | None = None


class SetMicrophone(RoomCommand, frozen=True, tag="mic.set"):
    """Stage, for oneself."""

    on: bool


class SetCamera(RoomCommand, frozen=True, tag="camera.set"):
    """Stage, for oneself."""

    on: bool


class SetScreen(RoomCommand, frozen=True, tag="screen.set"):
    """Stage, for oneself. There is one shared screen: the last to share takes over."""

    on: bool


class ReportInterruptions(RoomCommand, frozen=True, tag="seat.interrupted"):
    """Stage, for oneself. All that their system has taken of what is on; empty: all is back."""

    sources: Annotated[tuple[Source, ...], Meta(max_length=len(Source))]


class RequestToSpeak(RoomCommand, frozen=True, tag="speak.request"):
    """Listener. `consent` is a yes to being recorded, needed while the room is. The answer is `ok`
    with `state`: on a full stage one waits also where the rule would seat at once, and goes up when
    a seat is free.
    """

    reason: Reason = ""
    consent: bool = False


class CancelRequest(RoomCommand, frozen=True, tag="speak.cancel"):
    """Listener in the queue."""


class LeaveSeat(RoomCommand, frozen=True, tag="seat.leave"):
    """Co-host, speaker."""


class LeaveRoom(RoomCommand, frozen=True, tag="room.leave"):
    """All but the host of a live room (`hand_over_first`). After `ok` the socket closes (1000)."""


class AcceptInvitation(RoomCommand, frozen=True, tag="invite.accept"):
    """Who is invited. `consent` is a yes to being recorded, needed while the room is."""

    consent: bool = False


class DeclineInvitation(RoomCommand, frozen=True, tag="invite.decline"):
    """Who is invited."""


class AcceptHost(RoomCommand, frozen=True, tag="host.accept"):
    """The speaker who was asked."""

    audited_as: ClassVar[str | None] = "host.accept"


class DeclineHost(RoomCommand, frozen=True, tag="host.decline"):
    """The speaker who was asked."""


class GiveConsent(RoomCommand, frozen=True, tag="consent.give"):
    """Who was asked (`me.consent`)."""


class DeclineConsent(RoomCommand, frozen=True, tag="consent.decline"):
    """Who was asked. A no, also after a yes, makes a listener of them; a host's no stops the
    recording.
    """

    audited_as: ClassVar[str | None] = "consent.decline"


# --- about another user --------------------------------------------------------------------------


class ApproveRequest(Aimed, frozen=True, tag="speak.approve"):
    """Host, co-host."""

    audited_as: ClassVar[str | None] = "speak.approve"


class DeclineRequest(Aimed, frozen=True, tag="speak.decline"):
    """Host, co-host."""

    audited_as: ClassVar[str | None] = "speak.decline"


class Invite(Aimed, frozen=True, tag="invite.send"):
    """Host, co-host; to the co-host's place the host alone."""

    audited_as: ClassVar[str | None] = "invite.send"

    role: InvitedRole

    def __post_init__(self) -> None:
        if self.role not in INVITED_TO:
            raise ValueError(f"Nobody is invited as {self.role}.")


class MoveDown(Aimed, frozen=True, tag="seat.move_down"):
    """RULES §4."""

    audited_as: ClassVar[str | None] = "seat.move_down"


class MuteSeat(Aimed, frozen=True, tag="seat.mute"):
    """RULES §4."""

    audited_as: ClassVar[str | None] = "seat.mute"


class AskToUnmute(Aimed, frozen=True, tag="seat.ask_unmute"):
    """RULES §4."""

    audited_as: ClassVar[str | None] = "seat.ask_unmute"


class TurnCameraOff(Aimed, frozen=True, tag="seat.camera_off"):
    """RULES §4."""

    audited_as: ClassVar[str | None] = "seat.camera_off"


class Remove(Aimed, frozen=True, tag="room.remove"):
    """RULES §4."""

    audited_as: ClassVar[str | None] = "room.remove"


class Unban(Aimed, frozen=True, tag="room.unban"):
    """Host, staff."""

    audited_as: ClassVar[str | None] = "room.unban"


class HandOver(Aimed, frozen=True, tag="host.hand_over"):
    """Host. A co-host takes over at once, a speaker is asked."""

    audited_as: ClassVar[str | None] = "host.hand_over"


class RemoveCohost(Aimed, frozen=True, tag="cohost.remove"):
    """Host. They stay as speaker; listener if all speakers' seats are taken."""

    audited_as: ClassVar[str | None] = "cohost.remove"


# --- about the room -------------------------------------------------------------------------------


class MuteAll(RoomCommand, frozen=True, tag="room.mute_all"):
    """Host, co-host, staff."""

    audited_as: ClassVar[str | None] = "room.mute_all"


class LockMicrophones(RoomCommand, frozen=True, tag="room.lock_mics"):
    """Host, co-host, staff."""

    audited_as: ClassVar[str | None] = "room.lock_mics"

    on: bool


class UpdateRoom(RoomCommand, frozen=True, tag="room.update"):
    """Host, staff. What is left out stays as it is."""

    audited_as: ClassVar[str | None] = "room.update"

    title: Title | UnsetType = UNSET
    speak_rule: SpeakRule | UnsetType = UNSET
    requests_open: bool | UnsetType = UNSET
    video: bool | UnsetType = UNSET
    locked: bool | UnsetType = UNSET


class SetSpotlight(RoomCommand, frozen=True, tag="spotlight.set"):
    """Host, co-host."""

    audited_as: ClassVar[str | None] = "spotlight.set"

    user: Id | None


# The rules know no database: a client sends an address, and they get the post there (`PinPost`).
class AddPin(RoomCommand, frozen=True, tag="pin.add"):
    """RULES §4. `url` is that of a post."""

    audited_as: ClassVar[str | None] = "pin.add"

    url: Url


class PinPost(RoomCommand, frozen=True):
    """An AddPin with what was found at its address.

    `post` None: there is no such post, or not one that the actor may see.
    """

    post: PinnedPost | None


class RemovePin(RoomCommand, frozen=True, tag="pin.remove"):
    """RULES §4."""

    audited_as: ClassVar[str | None] = "pin.remove"

    pin: Id


class StartRecording(RoomCommand, frozen=True, tag="recording.start"):
    """Host. Before the start it sets the wish to record."""


class StopRecording(RoomCommand, frozen=True, tag="recording.stop"):
    """Host."""


class StartSpace(RoomCommand, frozen=True, tag="space.start"):
    """Host."""

    audited_as: ClassVar[str | None] = "space.start"


class EndSpace(RoomCommand, frozen=True, tag="space.end"):
    """Host, acting host, staff."""

    audited_as: ClassVar[str | None] = "space.end"


# No tag, and so not over the socket: these three are asked for by forms and REST.
class CancelSpace(RoomCommand, frozen=True):
    """The host takes it back before the start."""

    audited_as: ClassVar[str | None] = "space.cancel"


class EditSpace(RoomCommand, frozen=True):
    """All that "Name your Space" asks for, before the start. `topics` are names in stored order."""

    audited_as: ClassVar[str | None] = "space.edit"

    title: str
    topics: tuple[str, ...]
    language: str
    speak_rule: SpeakRule
    video: bool
    recording_wanted: bool
    transcript_wanted: bool
    visitors_allowed: bool


class MoveSpace(RoomCommand, frozen=True):
    """`scheduled_for` is aware; `time_zone` names the zone the host thought in."""

    audited_as: ClassVar[str | None] = "space.move"

    scheduled_for: datetime
    time_zone: str


# --- the clock and the site -----------------------------------------------------------------------


class Tick(RoomCommand, frozen=True):
    """The server's look at the clock.

    `seen` holds each one's last sign of life, `heard_since` since when signs of life are heard.
    """

    seen: Mapping[int, datetime]
    heard_since: datetime


class KeepWallClock(RoomCommand, frozen=True):
    """Zone rules may have changed: the host's clock, not the instant, is what was chosen."""


class Expel(Aimed, frozen=True):
    """The site takes a user out: suspended, or across a block from the host."""

    audited_as: ClassVar[str | None] = "room.put_out"
