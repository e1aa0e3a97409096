"""Hints to the open pages of a person, over the person socket (`/ws/me/`).

A hint is sent on commit and at most once: it may be lost, and the page that hears it asks for the
truth itself. Other apps call `tell` and `recount`, and say in their AppConfig.ready() what can be
counted and what a page may say:

    live.count("messages", messaging.unread_count)
    live.hear("typing", chatting.on_typing)
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from accounts.models import User

log = logging.getLogger(__name__)

Counter = Callable[[User], int]
# What a page said, without its type; whatever it holds is unchecked. Runs in a thread, must not
# raise for bad values.
Hearer = Callable[[User, Mapping[str, object]], None]

_counters: dict[str, Counter] = {}
_hearers: dict[str, Hearer] = {}


def count(name: str, counter: Counter) -> None:
    """Let every socket know the number `name` of its person: when it opens, and after each
    `recount`.
    """
    _counters[name] = counter


def hear(kind: str, hearer: Hearer) -> None:
    """Let pages send messages of this type."""
    _hearers[kind] = hearer


def counters() -> Sequence[str]:
    return tuple(_counters)


def count_of(person: User, name: str) -> int:
    return _counters[name](person)


def hearer_of(kind: object) -> Hearer | None:
    return _hearers.get(kind) if isinstance(kind, str) else None


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
