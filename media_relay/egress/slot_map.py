"""Who is in which slot, as the home relay says in its A messages."""

from collections.abc import Mapping
from typing import Any

from media_relay.protocol.relay import AUDIO_SLOTS

VIDEO = AUDIO_SLOTS
SCREEN = AUDIO_SLOTS + 1
SLOTS = AUDIO_SLOTS + 2


class SlotMap:
    """Empty until the first message: a packet from before it belongs to nobody."""

    def __init__(self) -> None:
        self._users: list[str | None] = [None] * SLOTS
        self.active: str | None = None

    def take(self, assigned: Mapping[str, Any]) -> None:  # Any: decoded JSON.
        """Follow an `assigned`.

        Raises ValueError, KeyError or TypeError for anything else, and keeps what it had.
        """
        audio = [_user(one) for one in assigned["audio"]]
        if len(audio) != AUDIO_SLOTS:
            raise ValueError(f"{len(audio)} audio slots")
        users = [*audio, _user(assigned["video"]), _user(assigned["screen"])]
        self._users, self.active = users, _user(assigned["active"])

    def user_in(self, slot: int) -> str | None:
        return self._users[slot] if slot < SLOTS else None

    @property
    def heard(self) -> list[tuple[int, str]]:
        """The audio slots in use, each with its speaker."""
        return [
            (slot, user) for slot, user in enumerate(self._users[:AUDIO_SLOTS]) if user is not None
        ]

    def as_message(self) -> dict[str, Any]:  # Any: what goes into JSON.
        return {
            "audio": self._users[:AUDIO_SLOTS],
            "video": self._users[VIDEO],
            "screen": self._users[SCREEN],
            "active": self.active,
        }


def _user(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{value!r} is no user id")
    return value
