"""Hints to the open pages of a person, over the person socket (`/ws/me/`).

A hint is sent on commit and at most once: it may be lost, and the page that hears it asks for the
truth itself. Other apps call `tell` and `recount`; what can be counted and what a page may say,
they declare (`Extension.unread_counts`, `Extension.page_messages`).
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from accounts.extension_points import registry
from accounts.models import User

log = logging.getLogger(__name__)

Handler = Callable[[User, Mapping[str, object]], None]


def counters() -> list[str]:
    """Return the names of the numbers that a socket sends."""
    return [name for extension in registry.extensions() for name in extension.unread_counts]


def count_of(person: User, name: str) -> int:
    """Raises LookupError for a name that no app declares."""
    for extension in registry.extensions():
        if name in extension.unread_counts:
            return extension.unread_counts[name](person)
    raise LookupError(f"No app counts {name!r}.")


def hearer_of(kind: object) -> Handler | None:
    """Return what handles a page's message of this type; None if pages may not send it."""
    for extension in registry.extensions():
        if isinstance(kind, str) and kind in extension.page_messages:
            return extension.page_messages[kind]
    return None


def group_of(user_id: int) -> str:
    return f"person.{user_id}"


def tell(user_ids: Iterable[int], type: str, **payload: object) -> None:
    """Send `payload` to every open page of these people, where it becomes the event `live:<type>`."""
    text = json.dumps({**payload, "type": type})
    _send_on_commit(user_ids, {"type": "live.text", "text": text})


def recount(user_ids: Iterable[int], name: str) -> None:
    """Let these people's sockets count `name` anew. Only those that are connected cost a query."""
    _send_on_commit(user_ids, {"type": "live.recount", "name": name})


def _send_on_commit(user_ids: Iterable[int], message: dict[str, object]) -> None:
    wanted = sorted(set(user_ids))
    if wanted:
        transaction.on_commit(partial(_send, wanted, message), robust=True)


def _send(user_ids: Sequence[int], message: dict[str, object]) -> None:
    try:
        async_to_sync(_publish)(user_ids, message)
    except (redis.RedisError, OSError) as error:
        log.warning("%d people were not told of %s: %s", len(user_ids), message["type"], error)


async def _publish(user_ids: Sequence[int], message: dict[str, object]) -> None:
    layer = get_channel_layer()
    for user_id in user_ids:
        await layer.group_send(group_of(user_id), message)
