"""What others see of accounts has changed: name, handle, picture, role, or whether they are there.

One place for every way in which it happens: pages, API, admin, suspension, deletion, commands. Apps
that show people live hear of it by `Extension.on_accounts_changed`.
"""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save

from accounts.extension_points import registry
from accounts.models import User
from accounts.models.user import SHOWN_FIELDS, shown_fields_updated
from config.db.after_commit import after_commit


def connect() -> None:
    """Called once, from AppConfig.ready()."""
    post_save.connect(_on_saved, sender=User, dispatch_uid="accounts.account_is_changed")
    shown_fields_updated.connect(_on_updated, dispatch_uid="accounts.accounts_are_changed")


# Any: Django's signals.
def _on_saved(
    instance: User, created: bool, update_fields: Collection[str] | None, **_signal: Any
) -> None:
    # Without names all columns are written, whether they differ or not.
    is_shown = update_fields is None or not SHOWN_FIELDS.isdisjoint(update_fields)
    if is_shown and not created:
        _announce([instance.pk])


def _on_updated(ids: Collection[int], **_signal: Any) -> None:
    if ids:
        _announce(ids)


def _announce(ids: Collection[int]) -> None:
    # On commit: who is told sooner asks, and finds what was before.
    for extension in registry.extensions():
        if extension.on_accounts_changed is not None:
            after_commit(extension.on_accounts_changed, ids)
