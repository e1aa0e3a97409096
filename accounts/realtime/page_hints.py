"""Hints to the open pages of a person, over the person socket (`/ws/me/`).

A hint is sent on commit and may be lost, which `lost_hints` finds; the page that hears it asks for
the truth itself. Other apps call `tell` and `recount`; what can be counted, what should have been
told lately and what is done about what a page says, they declare (`Extension`).
"""

import logging
from collections.abc import Collection, Iterable

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from msgspec import Struct, to_builtins

from accounts.extension_points import registry
from accounts.models import User
from accounts.realtime.messages import FromPage, PersonMessage
from accounts.realtime.wire import encode, word_of
from config.db.after_commit import after_commit

log = logging.getLogger(__name__)


class HintText(Struct, frozen=True, tag="hint.text"):
    """Through the channel layer: a message for the open pages of a person."""

    text: str


class HintRecount(Struct, frozen=True, tag="hint.recount"):
    """Through the channel layer: a number of a person has changed."""

    name: str


def counters() -> list[str]:
    """Return the names of the numbers that a socket sends."""
    return [name for extension in registry.extensions() for name in extension.unread_counts]


def count_of(person: User, name: str) -> int:
    """Raises LookupError for a name that no app declares."""
    for extension in registry.extensions():
        if name in extension.unread_counts:
            return extension.unread_counts[name](person)
    raise LookupError(f"No app counts {name!r}.")


def counts_of(user_id: int | None, names: Collection[str]) -> dict[str, int]:
    """Return those of a user's numbers that are in `names`; none if the user is gone."""
    person = User.objects.filter(pk=user_id).first()
    if person is None:
        return {}
    return {name: count_of(person, name) for name in counters() if name in names}


def handle(user_id: int | None, message: FromPage) -> None:
    """Do what an app declared for a page's message of this type; nothing if no app did."""
    # Read for each message: a suspension ends the socket only some time later (RULES §1).
    person = User.objects.not_away().filter(pk=user_id).first()
    if person is None:
        return
    word = word_of(type(message))
    for extension in registry.extensions():
        if word in extension.page_messages:
            extension.page_messages[word](person, message)
            return


def group_of(user_id: int) -> str:
    return f"person.{user_id}"


def tell(user_ids: Iterable[int], message: PersonMessage) -> None:
    """Send the message to every open page of these people, where it becomes `live:<type>`."""
    _send_on_commit(user_ids, HintText(encode(message)))


def recount(user_ids: Iterable[int], name: str) -> None:
    """Let these people's sockets count `name` anew. Only those that are connected cost a query."""
    _send_on_commit(user_ids, HintRecount(name))


def _send_on_commit(user_ids: Iterable[int], hint: HintText | HintRecount) -> None:
    wanted = sorted(set(user_ids))
    if not wanted:
        return

    async def send() -> None:
        layer = get_channel_layer()
        try:
            for user_id in wanted:
                await layer.group_send(group_of(user_id), to_builtins(hint))
        except (redis.RedisError, OSError) as error:
            # What the hint is about is stored: the request must not fail with Redis.
            log.warning("%d people were not told: %s", len(wanted), error)

    # On commit: a page that is told sooner asks, finds nothing new, and is not told again.
    after_commit(async_to_sync(send))
