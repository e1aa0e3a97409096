"""The messages of the person socket, both ways.

Those of the server are hints: numbers at the tabs, and that something is new; what it is, the page
asks for by HTTP. `config.dev.wire` writes the page's types and the tables of PROTOCOL.md from these
classes; there a docstring becomes the last column.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, convert

from accounts.realtime.wire import ServerMessage, word_of
from config import json_reader

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]  # A BigAutoField.


class PersonMessage(ServerMessage, frozen=True):
    """Base of all that the server says."""


class Unread(PersonMessage, frozen=True):
    unread: int


class UnreadAlerts(Unread, frozen=True, tag="alerts"):
    """At the beginning, and when the number has changed; many changes in 0.2 s are one."""


class UnreadMessages(Unread, frozen=True, tag="messages"):
    """As `alerts`."""


class MessageHint(PersonMessage, frozen=True, tag="message"):
    """A message has come, or (`gone`) was taken back."""

    conversation: int
    id: int
    gone: bool | UnsetType = UNSET


class ReadHint(PersonMessage, frozen=True, tag="read"):
    """A person has read up to this message."""

    conversation: int
    user: int
    up_to: int


class TypingHint(PersonMessage, frozen=True, tag="typing"):
    """A person is writing; it holds for 6 s."""

    conversation: int
    user: int
    name: str


class ConversationHint(PersonMessage, frozen=True, tag="conversation"):
    """A group has another name or other people."""

    conversation: int


class PostsHint(PersonMessage, frozen=True, tag="posts"):
    """A person whom the user follows has posted."""

    post: int


class SentCount(PersonMessage, frozen=True, tag="sent"):
    """How many messages this socket was sent before this one, two seconds after the first that was
    not counted yet. A page that has got fewer opens the socket anew.
    """

    count: int


class PersonPong(PersonMessage, frozen=True, tag="pong"):
    """Answer to `ping`, with the server's clock."""

    n: int
    now_ms: int


class PersonError(PersonMessage, frozen=True, tag="error"):
    """What the page sent was not taken."""

    code: Literal["bad_message", "unknown_type", "rate_limited"]


class FromPage(Struct, frozen=True):
    """Base of all that a page says. Fields that it does not know are passed over."""


class PagePing(FromPage, frozen=True, tag="ping"):
    """`seen` is the `n` of the last `pong`. 20 messages a second in all; 4096 characters."""

    seen: int | UnsetType = UNSET


class SayTyping(FromPage, frozen=True, tag="typing"):
    """This page's person is writing. 60 a minute."""

    conversation: Id


# By the name of the number, which is the word on the wire.
UNREAD = {word_of(each): each for each in (UnreadAlerts, UnreadMessages)}
_FROM_PAGE = {word_of(each): each for each in (PagePing, SayTyping)}


def parse(text: str) -> FromPage | None:
    """Return what a page says; None if its type is not known.

    Raises ValueError (msgspec's or BadJson) for anything else.
    """
    value = json_reader.read(text)
    if not isinstance(value, dict):
        raise json_reader.BadJson("no object")
    word = value.get("type")
    shape = _FROM_PAGE.get(word) if isinstance(word, str) else None
    return None if shape is None else convert(value, shape)
