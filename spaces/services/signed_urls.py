"""Addresses of protected files: signed, for one viewer, for a few hours.

The signature makes an address that leaks worthless after a while and to anybody else. It is not
what lets people in: each request asks again whether this viewer may watch.
"""

import time
from dataclasses import dataclass

from django.core.signing import Signer
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode

from accounts.models import User
from spaces.models import Clip, Recording

LIFE_S = 6 * 3600
STEP_S = 3600  # The same address for up to an hour, so that browsers keep what they have loaded.
_signer = Signer(salt="spaces.addresses")


@dataclass(frozen=True)
class Ticket:
    """What a signed address carries. `viewer` is 0 for visitors without an account."""

    until: int
    viewer: int
    signature: str

    def is_good(self, path: str, viewer: User | None, now: float) -> bool:
        """True if it is for this file, not over, and not somebody else's.

        One for visitors is good for everybody.
        """
        if self.until <= now or self.until > now + LIFE_S + STEP_S:
            return False
        if self.viewer not in (0, _id(viewer)):
            return False
        return constant_time_compare(self.signature, _signature(path, self.until, self.viewer))


def ticket_in(query: "dict[str, str]") -> Ticket | None:
    """Return what the query of an address carries, None if it is not complete."""
    until, viewer, signature = query.get("until", ""), query.get("for", ""), query.get("sign", "")
    is_whole = until.isdecimal() and viewer.isdecimal() and len(until) < 12 and len(viewer) < 20
    return Ticket(int(until), int(viewer), signature) if is_whole and signature.isascii() else None


def of_replay(recording: Recording, name: str, viewer: User | None) -> str:
    """Return the address of one file of the newest version; `recording.space` is known."""
    return _signed(
        reverse("spaces:replay_file", args=[recording.space.public_id, recording.version, name]),
        viewer,
    )


def of_clip(clip: Clip, name: str, viewer: User | None) -> str:
    return _signed(reverse("spaces:clip_file", args=[clip.public_id, name]), viewer)


def _signed(path: str, viewer: User | None) -> str:
    until = (int(time.time()) // STEP_S + 1) * STEP_S + LIFE_S - STEP_S
    query: dict[str, str | int] = {
        "until": until,
        "for": _id(viewer),
        "sign": _signature(path, until, _id(viewer)),
    }
    return f"{path}?{urlencode(query)}"


def _signature(path: str, until: int, viewer: int) -> str:
    return _signer.signature(f"{path}\n{until}\n{viewer}")


def _id(viewer: User | None) -> int:
    return viewer.pk if viewer is not None and viewer.pk else 0
