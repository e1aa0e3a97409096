"""Addresses of protected files: signed, for one viewer, for a few hours.

The signature makes an address that leaks worthless after a while and to other viewers. It is not
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

LIFETIME_S = 6 * 3600
STEP_S = 3600  # The same address for up to an hour, so that browsers keep what they have loaded.
# Numbers with more digits are no second and no key of ours.
MOST_DIGITS_OF_SECOND = 11
MOST_DIGITS_OF_KEY = 19
_signer = Signer(salt="spaces.addresses")


@dataclass(frozen=True)
class Signature:
    """What a signed address carries.

    `until` is a wall-clock second; `viewer` is 0 for visitors without an account.
    """

    until: int
    viewer: int
    text: str

    def is_good(self, path: str, viewer: User | None, now: float) -> bool:
        """True if it is for this file, not over, and not another viewer's.

        One for visitors is good for all viewers.
        """
        # No address of ours holds for longer.
        if self.until <= now or self.until > now + LIFETIME_S + STEP_S:
            return False
        if self.viewer not in (0, _key_of(viewer)):
            return False
        return constant_time_compare(self.text, _sign(path, self.until, self.viewer))


def parse(query: dict[str, str]) -> Signature | None:
    """Return what the query of an address carries, None if it is not complete."""
    until = query.get("until", "")
    viewer = query.get("for", "")
    text = query.get("sign", "")
    if not (until.isdecimal() and viewer.isdecimal() and text.isascii()):
        return None
    if len(until) > MOST_DIGITS_OF_SECOND or len(viewer) > MOST_DIGITS_OF_KEY:
        return None
    return Signature(int(until), int(viewer), text)


def replay_url(recording: Recording, name: str, viewer: User | None) -> str:
    """Return the address of one file of the newest version; `recording.space` is known."""
    public_id = recording.space.public_id
    path = reverse("spaces:replay_file", args=[public_id, recording.version, name])
    return sign(path, viewer)


def clip_url(clip: Clip, name: str, viewer: User | None) -> str:
    return sign(reverse("spaces:clip_file", args=[clip.public_id, name]), viewer)


def sign(path: str, viewer: User | None) -> str:
    """Return the address that opens `path` to `viewer`."""
    key = _key_of(viewer)
    next_step = (int(time.time()) // STEP_S + 1) * STEP_S
    until = next_step + LIFETIME_S - STEP_S
    signature = _sign(path, until, key)
    query = urlencode({"until": str(until), "for": str(key), "sign": signature})
    return f"{path}?{query}"


def _sign(path: str, until: int, viewer: int) -> str:
    return _signer.signature(f"{path}\n{until}\n{viewer}")


def _key_of(viewer: User | None) -> int:
    return viewer.pk if viewer is not None and viewer.pk else 0
