"""The browser's messages as typed values: a table, sizes and types checked, nothing forwarded.

See PROTOCOL.md.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.limits import LIMITS
from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.state import Role, SpeakRule

REF_CHARS = 40
PAGE_CHARS = 40
MAX_ID = 2**63 - 1  # A BigAutoField.
URL_CHARS = 500
TITLE_CHARS = 500  # The rule says 70; longer ones deserve its sentence, not `bad_message`.
REACTIONS = ("💯", "✋", "✊", "✌️", "👋", "❤️", "😂", "😮", "👏")


# --- messages that are not commands to the room ---------------------------------------------------


@dataclass(frozen=True)
class Ping:
    """`seen` echoes the number of the last `pong`: how far this socket has read."""

    seen: int | None = None


@dataclass(frozen=True)
class GetSnapshot:
    pass


@dataclass(frozen=True)
class GetPeople:
    after: int = 0


@dataclass(frozen=True)
class ConnectMedia:
    pass


@dataclass(frozen=True)
class AnswerMedia:
    peer: str
    sdp: str


@dataclass(frozen=True)
class SetVideo:
    on: bool


@dataclass(frozen=True)
class PinView:
    user: int | None


@dataclass(frozen=True)
class ReadCaptions:
    """This viewer reads captions, or no more."""

    on: bool


@dataclass(frozen=True)
class SendReaction:
    emoji: str


@dataclass(frozen=True)
class GetBans:
    pass


@dataclass(frozen=True)
class GetLeft:
    pass


Own = (
    Ping
    | GetSnapshot
    | GetPeople
    | GetBans
    | GetLeft
    | ConnectMedia
    | AnswerMedia
    | SetVideo
    | PinView
    | ReadCaptions
    | SendReaction
)
Body = Own | commands.Command


@dataclass(frozen=True)
class Message:
    """One message: `body` says what, `ref` comes back with the answer."""

    type: str
    body: Body
    ref: str | None


class BadMessage(RoomError):
    """Unreadable. `ref` is what the sender called it, where that much could be read."""

    def __init__(self, code: ErrorCode = ErrorCode.BAD_MESSAGE, ref: str | None = None) -> None:
        super().__init__(code)
        self.ref = ref


Fields = Mapping[str, object]
Read = Callable[[object], object]


# --- readers of one value -------------------------------------------------------------------------


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadMessage
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_ID:
        raise BadMessage
    return value


def _text(limit: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        # A lone surrogate is legal in JSON and in no database and no encoder.
        if (
            not isinstance(value, str)
            or len(value) > limit
            or any("\ud800" <= c <= "\udfff" for c in value)
        ):
            raise BadMessage
        return value.replace("\0", "")

    return read


def _sdp(value: object) -> str:
    if not isinstance(value, str):
        raise BadMessage
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise BadMessage from error
    if size > LIMITS.sdp_bytes:
        raise BadMessage(ErrorCode.TOO_LARGE)
    return value


def _or_null(read: Read) -> Read:
    return lambda value: None if value is None else read(value)


def _reason(value: object) -> str:
    return " ".join(_text(LIMITS.request_reason_chars)(value).split())


def _emoji(value: object) -> str:
    if value not in REACTIONS:
        raise BadMessage(ErrorCode.BAD_EMOJI)
    return str(value)


def _role(value: object) -> Role:
    if value not in ("speaker", "cohost"):
        raise BadMessage
    return Role(str(value))


def _speak_rule(value: object) -> SpeakRule:
    if value not in tuple(SpeakRule):
        raise BadMessage
    return SpeakRule(str(value))


# --- the table ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """How one type is read: the class it becomes, its fields, and which of them may be left out."""

    make: Callable[..., Body]
    fields: Mapping[str, Read]
    optional: frozenset[str] = frozenset()


_user: Mapping[str, Read] = {"user": _number}
_on: Mapping[str, Read] = {"on": _bool}
_none: Mapping[str, Read] = {}
_consent: Mapping[str, Read] = {"consent": _bool}
_update: Mapping[str, Read] = {
    "title": _text(TITLE_CHARS),
    "speak_rule": _speak_rule,
    "requests_open": _bool,
    "video": _bool,
    "locked": _bool,
}

TABLE: Mapping[str, Shape] = {
    "ping": Shape(Ping, {"seen": _number}, frozenset({"seen"})),
    "snapshot.get": Shape(GetSnapshot, _none),
    "people.get": Shape(GetPeople, {"after": _number}, frozenset({"after"})),
    "bans.get": Shape(GetBans, _none),
    "left.get": Shape(GetLeft, _none),
    "media.connect": Shape(ConnectMedia, _none),
    "media.answer": Shape(AnswerMedia, {"peer": _text(80), "sdp": _sdp}),
    "media.video": Shape(SetVideo, _on),
    "media.pin": Shape(PinView, {"user": _or_null(_number)}),
    "captions.set": Shape(ReadCaptions, _on),
    "reaction.send": Shape(SendReaction, {"emoji": _emoji}),
    "mic.set": Shape(commands.SetMicrophone, _on),
    "camera.set": Shape(commands.SetCamera, _on),
    "screen.set": Shape(commands.SetScreen, _on),
    "speak.request": Shape(
        commands.RequestToSpeak, {"reason": _reason, **_consent}, frozenset({"reason", "consent"})
    ),
    "speak.cancel": Shape(commands.CancelRequest, _none),
    "speak.approve": Shape(commands.ApproveRequest, _user),
    "speak.decline": Shape(commands.DeclineRequest, _user),
    "invite.send": Shape(commands.Invite, {"user": _number, "role": _role}),
    "invite.accept": Shape(commands.AcceptInvitation, _consent, frozenset(_consent)),
    "invite.decline": Shape(commands.DeclineInvitation, _none),
    "seat.leave": Shape(commands.LeaveSeat, _none),
    "seat.move_down": Shape(commands.MoveDown, _user),
    "seat.mute": Shape(commands.MuteSeat, _user),
    "seat.ask_unmute": Shape(commands.AskToUnmute, _user),
    "seat.camera_off": Shape(commands.TurnCameraOff, _user),
    "room.mute_all": Shape(commands.MuteAll, _none),
    "room.lock_mics": Shape(commands.LockMicrophones, _on),
    "room.update": Shape(commands.UpdateRoom, _update, frozenset(_update)),
    "room.remove": Shape(commands.Remove, _user),
    "room.unban": Shape(commands.Unban, _user),
    "room.leave": Shape(commands.LeaveRoom, _none),
    "host.hand_over": Shape(commands.HandOver, _user),
    "host.accept": Shape(commands.AcceptHost, _none),
    "host.decline": Shape(commands.DeclineHost, _none),
    "cohost.remove": Shape(commands.RemoveCohost, _user),
    "pin.add": Shape(commands.AddPin, {"url": _text(URL_CHARS)}),
    "pin.remove": Shape(commands.RemovePin, {"pin": _number}),
    "spotlight.set": Shape(commands.SetSpotlight, {"user": _or_null(_number)}),
    "recording.start": Shape(commands.StartRecording, _none),
    "recording.stop": Shape(commands.StopRecording, _none),
    "consent.give": Shape(commands.GiveConsent, _none),
    "consent.decline": Shape(commands.DeclineConsent, _none),
    "space.start": Shape(commands.StartSpace, _none),
    "space.end": Shape(commands.EndSpace, _none),
}


def parse(text: str | None) -> Message:
    """Return the message in `text` (None: a binary frame).

    Raises BadMessage: bad_message, too_large, bad_emoji.
    """
    fields = _object(text)
    ref = fields.pop("ref", None)
    if ref is not None and (not isinstance(ref, str) or len(ref) > REF_CHARS):
        raise BadMessage
    kind = fields.pop("type", None)
    shape = TABLE.get(kind) if isinstance(kind, str) else None
    if shape is None or not isinstance(kind, str):
        raise BadMessage(ref=ref)
    try:
        return Message(kind, shape.make(**_values(shape, fields)), ref)
    except BadMessage as error:
        raise BadMessage(error.code, ref) from error


def _object(text: str | None) -> dict[str, object]:
    if text is None:
        raise BadMessage
    # Four bytes a character at most: a short text needs no second look at its bytes.
    if (
        len(text) > LIMITS.socket_message_bytes
        or len(text.encode(errors="replace")) > LIMITS.socket_message_bytes
    ):
        raise BadMessage(ErrorCode.TOO_LARGE)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:  # Deep nesting ends in RecursionError.
        raise BadMessage from error
    if not isinstance(value, dict):
        raise BadMessage
    return value


def _values(shape: Shape, fields: Fields) -> dict[str, object]:
    if (
        not fields.keys() <= shape.fields.keys()
        or not shape.fields.keys() - shape.optional <= fields.keys()
    ):
        raise BadMessage
    return {name: shape.fields[name](value) for name, value in fields.items()}
