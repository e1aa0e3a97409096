"""What a browser sends over the room's socket, as typed values: sizes and types are checked, and
nothing is passed on unread.

The messages are the commands of `spaces.rooms.commands` and those of this module, which ask for
something that is no change of the room. See PROTOCOL.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from config import json_reader
from config.json_reader import BadJson, JsonValue
from config.limits import LIMITS
from spaces.rooms.commands import Id, RoomCommand
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.reactions import REACTIONS

REF_CHARS = 40
PAGE_CHARS = 40

PeerName = Annotated[str, Meta(max_length=80)]


class BadMessage(RoomError):
    """Unreadable. `ref` is what the sender called it, where that much could be read."""

    def __init__(self, code: ErrorCode = ErrorCode.BAD_MESSAGE, ref: str | None = None) -> None:
        super().__init__(code)
        self.ref = ref


# --- messages that are not commands to the room ---------------------------------------------------


class Query(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all that change nothing of the room."""


class Ping(Query, frozen=True, tag="ping"):
    """All, every 5 s; it is the presence. `seen` is the `n` of the last `pong`: what is not said to
    be seen counts as unread, and 512 KiB unread are the end (4413). Answer: `pong`.
    """

    seen: Id | UnsetType = UNSET


class GetSnapshot(Query, frozen=True, tag="snapshot.get"):
    """All, ≤ 4 a second. Answer: `space.snapshot`."""


class GetPeople(Query, frozen=True, tag="people.get"):
    """All. Answer: `people`, listeners by page; ask again with `after` as its `next`."""

    after: Id = 0


class GetBans(Query, frozen=True, tag="bans.get"):
    """Host, staff. Answer: `bans`."""


class GetLeft(Query, frozen=True, tag="left.get"):
    """Host, co-host, staff. Answer: `left`."""


class ConnectMedia(Query, frozen=True, tag="media.connect"):
    """All while `live`; stage in the green room. Answer: `media.offer`. The connection before goes
    on until this one is `media.connected`.
    """


class AnswerMedia(Query, frozen=True, tag="media.answer"):
    """Who got the offer."""

    peer: PeerName
    sdp: str

    def __post_init__(self) -> None:
        if len(self.sdp.encode()) > LIMITS.sdp_bytes:
            raise BadMessage(ErrorCode.TOO_LARGE)


class PauseVideo(Query, frozen=True, tag="media.video"):
    """All. Off: the relay pauses pictures (audio only, hidden page)."""

    on: bool


class PinPerson(Query, frozen=True, tag="media.pin"):
    """All. This viewer sees `user` whoever speaks; null follows the room again."""

    user: Id | None


class ReadCaptions(Query, frozen=True, tag="captions.set"):
    """All. `on`: this page shows captions. Answer: `captions`."""

    on: bool


class SendReaction(Query, frozen=True, tag="reaction.send"):
    """All with an account."""

    emoji: str

    def __post_init__(self) -> None:
        if self.emoji not in REACTIONS:
            raise BadMessage(ErrorCode.BAD_EMOJI)


@dataclass(frozen=True)
class ClientMessage:
    """One message: `body` says what, `ref` comes back with the answer."""

    type: str
    body: Query | RoomCommand
    ref: str | None


def _by_word(base: type[Query | RoomCommand]) -> dict[str, type[Query | RoomCommand]]:
    """Return the classes below `base` that have a word on the wire, in the order of the source."""
    found: dict[str, type[Query | RoomCommand]] = {}
    for each in base.__subclasses__():
        tag = each.__struct_config__.tag
        if isinstance(tag, str):
            found[tag] = each
        found |= _by_word(each)
    return found


MESSAGES: Mapping[str, type[Query | RoomCommand]] = {
    **_by_word(Query),
    **_by_word(RoomCommand),
}


def parse(text: str | None) -> ClientMessage:
    """Return the message in `text` (None: a binary frame).

    Raises BadMessage: bad_message, too_large, bad_emoji.
    """
    fields = _object(text)
    ref = _ref(fields.pop("ref", None))
    word = fields.get("type")
    shape = MESSAGES.get(word) if isinstance(word, str) else None
    if shape is None or not isinstance(word, str):
        raise BadMessage(ref=ref)
    try:
        return ClientMessage(word, msgspec.convert(json_reader.clean(fields), shape), ref)
    except (msgspec.ValidationError, BadJson) as error:
        raise BadMessage(ref=ref) from error
    except BadMessage as error:
        raise BadMessage(error.code, ref) from error


def _ref(value: JsonValue) -> str | None:
    """Return what the sender calls the message. Raises BadMessage for what cannot be sent back."""
    if value is None:
        return None
    try:
        ref = json_reader.clean(value)
    except BadJson as error:
        raise BadMessage from error
    if not isinstance(ref, str) or len(ref) > REF_CHARS:
        raise BadMessage
    return ref


def _object(text: str | None) -> dict[str, JsonValue]:
    if text is None:
        raise BadMessage
    # Four bytes a character at most: a short text needs no second look at its bytes.
    if (
        len(text) > LIMITS.socket_message_bytes
        or len(text.encode(errors="replace")) > LIMITS.socket_message_bytes
    ):
        raise BadMessage(ErrorCode.TOO_LARGE)
    try:
        # Cleaned only later: a message with a bad field is answered by its `ref`, or the sender
        # would wait for ever.
        value = json_reader.parse(text)
    except BadJson as error:
        raise BadMessage from error
    if not isinstance(value, dict):
        raise BadMessage
    return value
