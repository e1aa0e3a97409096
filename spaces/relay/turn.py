"""TURN servers for clients whose network lets no UDP out.

Their credentials run out by themselves.
"""

import base64
import hashlib
import hmac
import time

from django.conf import settings

from config.limits import LIMITS
from spaces.rooms.shapes import IceServerView


def servers_for(user: int | None) -> tuple[IceServerView, ...]:
    """Return what goes into the browser's `iceServers`; nothing where no server is configured."""
    if not settings.TURN_URLS:
        return ()
    # The TURN server checks the password by itself, so it needs no list of users.
    name = credential_name(user, time.time())
    password = credential(name, settings.TURN_SECRET)
    return (IceServerView(tuple(settings.TURN_URLS), name, password),)


def credential_name(user: int | None, now: float) -> str:
    """Return "expiry:who".

    Good for as long as a Space may last: an allocation must not die in the middle of a talk.
    """
    return f"{int(now) + LIMITS.longest_space_s}:{'visitor' if user is None else user}"


def credential(name: str, secret: str) -> str:
    """Return the password of a name, as coturn's `use-auth-secret` makes it.

    Source: draft-uberti-behave-turn-rest §2.2, which fixes SHA-1.
    """
    mac = hmac.digest(secret.encode(), name.encode(), hashlib.sha1)
    return base64.b64encode(mac).decode()
