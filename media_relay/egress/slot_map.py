"""Who is in which slot, as the home relay says in its A messages."""

import msgspec

from media_relay.protocol.encoding import decode
from media_relay.protocol.relay import AUDIO_SLOTS

VIDEO = AUDIO_SLOTS
SCREEN = AUDIO_SLOTS + 1
SLOTS = AUDIO_SLOTS + 2


class SlotUsers(msgspec.Struct, frozen=True):
    """An `Assignment` as egress takes it and writes it into the log.

    Nothing has a default: a text that leaves out a slot is damage, and must not empty that slot.
    """

    audio: tuple[str | None, str | None, str | None]
    video: str | None
    screen: str | None
    active: str | None

    @property
    def by_slot(self) -> tuple[str | None, ...]:
        return (*self.audio, self.video, self.screen)

    def user_in(self, slot: int) -> str | None:
        # Asked for each packet, so nothing is built here.
        if slot < AUDIO_SLOTS:
            return self.audio[slot]
        if slot == VIDEO:
            return self.video
        return self.screen if slot == SCREEN else None


NOBODY = SlotUsers((None, None, None), None, None, None)
_USERS = msgspec.json.Decoder(SlotUsers)


def parse_users(text: bytes) -> SlotUsers:
    """Return who is in the slots. Raises ProtocolError."""
    return decode(_USERS, text)


class SlotMap:
    """Empty until the first message: a packet from before it belongs to nobody."""

    def __init__(self) -> None:
        self.users = NOBODY

    def take(self, users: SlotUsers) -> None:
        self.users = users

    def user_in(self, slot: int) -> str | None:
        return self.users.user_in(slot)

    @property
    def heard(self) -> list[tuple[int, str]]:
        """The audio slots in use, each with its speaker."""
        return [(slot, user) for slot, user in enumerate(self.users.audio) if user is not None]
