"""Since when handles are somebody's: asked for the "@names" of every page, so kept for a minute.

What is kept is dropped as soon as a handle is taken, left or renamed, or its user goes away or
comes back. If that is missed, a name leads to nobody for a minute: never to somebody else, because
a handle rests for longer before it is taken again.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.cache import cache
from django.db.models.signals import post_delete, post_save

from accounts.models import User
from accounts.models.user import SHOWN_FIELDS, handles_left, shown_fields_updated
from config.db.after_commit import after_commit

CACHE_S = 60
MOST = 1000  # Handles of one page; more are nobody's, which no page but an attack has.
NOBODY = 0  # Is kept, too: names that nobody has are as frequent.


def held_since(handles: Iterable[str]) -> dict[str, float]:
    """Return since when, in seconds of the epoch, each handle is its user's.

    `handles` are in small letters. Those that nobody has are left out, and those of users who are
    away. At most one query.
    """
    keys = {_key(handle): handle for handle in sorted(set(handles))[:MOST]}
    if not keys:
        return {}
    known: dict[str, float] = cache.get_many(keys)
    missing = [handle for key, handle in keys.items() if key not in known]
    if missing:
        users = User.objects.named(missing).only("handle", "handle_since", "date_joined")
        found = {_key(user.handle): user.held_since.timestamp() for user in users}
        asked = {_key(handle): found.get(_key(handle), NOBODY) for handle in missing}
        cache.set_many(asked, CACHE_S)
        known |= asked
    return {keys[key]: since for key, since in known.items() if since != NOBODY}


def _key(handle: str) -> str:
    return f"accounts:held:{handle.lower()}"


def _forget(handles: Collection[str]) -> None:
    after_commit(cache.delete_many, [_key(handle) for handle in handles])


def connect() -> None:
    """Called once, from AppConfig.ready()."""
    post_save.connect(_on_saved, sender=User, dispatch_uid="accounts.held.saved")
    post_delete.connect(_on_deleted, sender=User, dispatch_uid="accounts.held.deleted")
    shown_fields_updated.connect(_on_updated, dispatch_uid="accounts.held.updated")
    handles_left.connect(_on_left, dispatch_uid="accounts.held.left")


# Any: Django's signals.
def _on_saved(instance: User, update_fields: Collection[str] | None, **_signal: Any) -> None:
    if update_fields is None or not SHOWN_FIELDS.isdisjoint(update_fields):
        _forget([instance.handle])


def _on_deleted(instance: User, **_signal: Any) -> None:
    _forget([instance.handle])


def _on_updated(ids: Collection[int], **_signal: Any) -> None:
    _forget(list(User.objects.filter(pk__in=ids).values_list("handle", flat=True)))


def _on_left(former: Collection[str], **_signal: Any) -> None:
    _forget(former)
