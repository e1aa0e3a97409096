"""Which handles can be taken: none of the site's own, none that was somebody's until lately."""

import functools
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.signals import post_delete
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import RestingHandle, User
from accounts.models.user import HANDLE, handles_left
from config.limits import LIMITS

# They would pass for the site itself. Staff may give them to somebody.
OFFICIAL = frozenset(
    {
        "abuse",
        "admin",
        "administrator",
        "everyone",
        "help",
        "here",
        "info",
        "moderator",
        "moderators",
        "official",
        "parley",
        "postmaster",
        "root",
        "security",
        "staff",
        "support",
        "system",
        "webmaster",
    }
)
API = "api/"
# Answered in front of Django's addresses: by WhiteNoise, by Channels and by nginx.
IN_FRONT = (settings.STATIC_URL.lstrip("/"), "ws/", "protected-media/")


def check_for_sign_up(handle: str) -> None:
    """Raise ValidationError for a handle that nobody may choose."""
    if handle.lower() in OFFICIAL:
        raise _taken()
    check(handle)


def check(handle: str) -> None:
    """The same for staff, who may also choose an official one. Whether it is taken is not asked."""
    lower = handle.lower()
    resting = RestingHandle.objects.filter(handle=lower, until__gt=timezone.now())
    if lower in of_addresses() or resting.exists():
        raise _taken()


def _taken() -> ValidationError:
    # The same words whatever the reason: they tell nothing of who was here.
    return ValidationError(_("This handle is taken."), code="reserved")


def rest(handle: str) -> None:
    """Keep a handle free that was somebody's, lest old links and feeds lead to a stranger.

    Called for every handle that becomes nobody's, however that happens: see `connect`.
    """
    until = timezone.now() + timedelta(seconds=LIMITS.handle_rest_s)
    RestingHandle.objects.update_or_create(handle=handle.lower(), defaults={"until": until})


def sweep() -> int:
    """Forget the handles that have rested; return how many."""
    return RestingHandle.objects.filter(until__lte=timezone.now()).delete()[0]


def connect() -> None:
    """Called once, from AppConfig.ready()."""
    post_delete.connect(_on_deleted, sender=User, dispatch_uid="accounts.handles.deleted")
    handles_left.connect(_on_left, dispatch_uid="accounts.handles.left")


# Any: Django's signals.
def _on_deleted(instance: User, **_signal: Any) -> None:
    rest(instance.handle)


def _on_left(former: Iterable[str], **_signal: Any) -> None:
    for handle in former:
        rest(handle)


@functools.cache
def of_addresses() -> frozenset[str]:
    """Return what would be confused with a page, or with what the API has instead of a handle."""
    return names_in([*IN_FRONT, *routes(get_resolver().url_patterns)])


def routes(entries: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for entry in entries:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, route)
        else:
            yield route


def names_in(addresses: Iterable[str]) -> frozenset[str]:
    """Return the first part of each address, and of the API all fixed parts, as handles.

    That of the admin may be a secret of the site, which sign-up must not help to guess.
    """
    found: set[str] = set()
    for address in addresses:
        if address.startswith(f"{settings.ADMIN_PATH}/"):
            continue
        parts = address.split("/")
        found.update(parts if address.startswith(API) else parts[:1])
    # Addresses of the API's router, and a few others, are regular expressions.
    names = {part.lower().removeprefix("^").replace("-", "_") for part in found}
    return frozenset(name for name in names if re.search(HANDLE.regex, name))
