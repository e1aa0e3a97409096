"""Hints to the open pages of a person, over the person socket (`/ws/me/`).

A hint is sent on commit and at most once: it may be lost, and the page that hears it asks for the
truth itself. Other apps call `tell` and `recount`; what can be counted and what is done about what
a page says, they declare (`Extension.unread_counts`, `Extension.page_messages`).
"""

import logging
from collections.abc import Iterable, Sequence
from functools import partial

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from msgspec import Struct, to_builtins

from accounts.extension_points import registry
from accounts.extension_points.extension import PageMessageHandler
from accounts.models import User
from accounts.realtime.messages import PersonMessage
from accounts.realtime.wire import encode

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


def handler_of(word: str) -> PageMessageHandler | None:
    """Return what handles a page's message of this type; None if no app does."""
    for extension in registry.extensions():
        if word in extension.page_messages:
            return extension.page_messages[word]
    return None


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
    if wanted:
        transaction.on_commit(partial(_send, wanted, hint), robust=True)


def _send(user_ids: Sequence[int], hint: HintText | HintRecount) -> None:
    try:
        async_to_sync(_publish)(user_ids, hint)
    except (redis.RedisError, OSError) as error:
        log.warning("%d people were not told: %s", len(user_ids), error)


async def _publish(user_ids: Sequence[int], hint: HintText | HintRecount) -> None:
    layer = get_channel_layer()
    for user_id in user_ids:
        await layer.group_send(group_of(user_id), to_builtins(hint))
