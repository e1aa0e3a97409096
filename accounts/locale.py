"""The language and the time zone of a user, for what no request of theirs belongs to."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone, translation

from accounts.models import User


@contextmanager
def in_locale_of(user: User) -> Iterator[None]:
    """Write what stands inside as `user` reads it: mails, pushes, feeds of their own."""
    with (
        translation.override(user.language or settings.LANGUAGE_CODE),
        timezone.override(zone_of(user.time_zone)),
    ):
        yield


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Return the zone, or UTC for one that this machine does not know."""
    # Zones come and go with the system's data; an unknown one is no reason to fail.
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
