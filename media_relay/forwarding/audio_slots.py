"""Who is heard: the loudest are in the audio slots, and do not change at every word."""

from collections.abc import Mapping
from dataclasses import dataclass

from media_relay.speaker.level import SILENCE_DBOV, SPEECH_DBOV

# One who spoke within the last second keeps the slot in the pauses between words.
BUSY_MS = 1000
SETTLED_MS = 2000  # No busy slot changes sooner.
LOUDER_DB = 6  # Twice the amplitude: what it takes to displace one who is talking.


@dataclass
class _Speaker:
    """A speaker in a slot, or one who waits for it."""

    user: str
    since_ms: int
    dbov: float = SILENCE_DBOV
    spoke_ms: int | None = None

    def is_busy(self, now_ms: int) -> bool:
        return self.spoke_ms is not None and now_ms - self.spoke_ms < BUSY_MS

    def yields_to(self, challenger: "_Speaker", now_ms: int) -> bool:
        if not self.is_busy(now_ms):
            return True
        if now_ms - self.since_ms < SETTLED_MS:
            return False
        return challenger.dbov >= self.dbov + LOUDER_DB


class AudioSlots:
    """The room's slots and one in reserve: the next loudest.

    A speaker never hears themselves: the reserve is in the slot that is their own. While there are
    no more microphones than slots each has one, so that no first word is lost.
    """

    def __init__(self, slots: int) -> None:
        self._count = slots  # The index of the reserve, too.
        self._slots: list[_Speaker | None] = [None] * (slots + 1)

    def update(self, levels: Mapping[str, float], now_ms: int) -> None:
        """Take the present loudness of all who may be heard; the order decides between equals."""
        for index, speaker in enumerate(self._slots):
            if speaker is None:
                continue
            if speaker.user not in levels:
                self._slots[index] = None
                continue
            speaker.dbov = levels[speaker.user]
            if speaker.dbov >= SPEECH_DBOV:
                speaker.spoke_ms = now_ms
        assigned = {speaker.user for speaker in self._slots if speaker is not None}
        waiting: list[_Speaker] = []
        for user, dbov in levels.items():
            if user not in assigned:
                spoke_ms = now_ms if dbov >= SPEECH_DBOV else None
                waiting.append(_Speaker(user, now_ms, dbov, spoke_ms))
        # A stable sort: between equals the order of `levels` decides.
        waiting.sort(key=lambda speaker: -speaker.dbov)
        # Free slots are given away first, and to the reserve before those who have no place.
        for index, speaker in enumerate(self._slots):
            if speaker is not None:
                continue
            reserve = self._slots[self._count]
            if index < self._count and reserve is not None:
                self._slots[index] = reserve
                self._slots[self._count] = None
            elif waiting:
                self._slots[index] = waiting.pop(0)
        self._promote_reserve(now_ms)
        for challenger in waiting:
            if challenger.dbov < SPEECH_DBOV or not self._displace(challenger, now_ms):
                return

    def heard(self) -> tuple[str | None, ...]:
        """Return who is in the room's slots, by slot."""
        return tuple(
            speaker.user if speaker is not None else None for speaker in self._slots[: self._count]
        )

    def heard_by(self, user: str) -> tuple[str | None, ...]:
        """Return whom `user` hears, by slot.

        The first slot is empty only if all are: browsers keep the picture in time with the first
        voice.
        """
        reserve = self._slots[self._count]
        instead = reserve.user if reserve is not None else None
        heard = [instead if other == user else other for other in self.heard()]
        filled = [index for index, other in enumerate(heard) if other is not None]
        if filled and heard[0] is None:
            heard[0] = heard[filled[-1]]
            heard[filled[-1]] = None
        return tuple(heard)

    def _promote_reserve(self, now_ms: int) -> None:
        """Let the reserve change places with the weakest slot if it speaks up."""
        reserve = self._slots[self._count]
        if reserve is None or reserve.dbov < SPEECH_DBOV:
            return
        index = self._weakest(now_ms)
        weakest = self._slots[index] if index is not None else None
        if index is None or weakest is None or not weakest.yields_to(reserve, now_ms):
            return
        self._slots[index] = reserve
        self._slots[self._count] = weakest
        reserve.since_ms = now_ms

    def _displace(self, challenger: _Speaker, now_ms: int) -> bool:
        """Let in one who has no place at all, if a slot or the reserve must yield."""
        index = self._weakest(now_ms)
        weakest = self._slots[index] if index is not None else None
        if index is not None and weakest is not None and weakest.yields_to(challenger, now_ms):
            self._slots[self._count] = weakest
            self._slots[index] = challenger
            return True
        reserve = self._slots[self._count]
        if reserve is None or reserve.yields_to(challenger, now_ms):
            self._slots[self._count] = challenger
            return True
        return False

    def _weakest(self, now_ms: int) -> int | None:
        """Return the slot that would be missed least: idle before busy, then by loudness."""
        taken = [
            (speaker.is_busy(now_ms), speaker.dbov, index)
            for index, speaker in enumerate(self._slots[: self._count])
            if speaker is not None
        ]
        return min(taken)[2] if taken else None
