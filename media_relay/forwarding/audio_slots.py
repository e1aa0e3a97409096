"""Who is heard: seats for the loudest, that do not change hands at every word."""

from collections.abc import Iterable
from dataclasses import dataclass

from media_relay.speaker.level import SILENCE_DBOV, SPEECH_DBOV

# Somebody who spoke within the last second keeps the seat in the pauses between words.
BUSY_MS = 1000
SETTLED_MS = 2000  # No busy seat changes hands sooner.
LOUDER_DB = 6  # Twice the amplitude: what it takes to oust somebody who is talking.


@dataclass
class _Holder:
    user: str
    since_ms: int
    dbov: float = SILENCE_DBOV
    spoke_ms: int | None = None

    def is_busy(self, now_ms: int) -> bool:
        return self.spoke_ms is not None and now_ms - self.spoke_ms < BUSY_MS


class AudioSlots:
    """`seats` places for the room and one in reserve: the next loudest, whom a person hears who is
    in a seat.

    As long as there are no more microphones than seats everybody has one, so nobody's first word is
    lost.
    """

    def __init__(self, seats: int) -> None:
        self._seats = seats
        self._holders: list[_Holder | None] = [None] * (seats + 1)

    def update(self, levels: Iterable[tuple[str, float]], now_ms: int) -> None:
        """Take the present loudness of everyone who may be heard; the order decides between equals."""
        loud = dict(levels)
        self._refresh(loud, now_ms)
        seated = {holder.user for holder in self._holders if holder is not None}
        waiting = [_Holder(user, now_ms, dbov) for user, dbov in loud.items() if user not in seated]
        waiting.sort(key=lambda holder: -holder.dbov)
        self._fill(waiting, now_ms)
        self._promote(now_ms)
        for challenger in waiting:
            if challenger.dbov < SPEECH_DBOV or not self._challenge(challenger, now_ms):
                return

    def heard(self) -> tuple[str | None, ...]:
        """Return who has the room's seats, by seat."""
        return tuple(holder.user if holder else None for holder in self._holders[: self._seats])

    def heard_by(self, user: str) -> tuple[str | None, ...]:
        """Return the same for somebody on stage: the reserve is in the seat that is their own.

        The first seat is empty only if all are: browsers keep the picture in time with the first
        voice.
        """
        reserve = self._holders[self._seats]
        stand_in = reserve.user if reserve else None
        seats = [stand_in if heard == user else heard for heard in self.heard()]
        filled = [index for index, heard in enumerate(seats) if heard is not None]
        if filled and seats[0] is None:
            seats[0], seats[filled[-1]] = seats[filled[-1]], None
        return tuple(seats)

    def _refresh(self, loud: dict[str, float], now_ms: int) -> None:
        for index, holder in enumerate(self._holders):
            if holder is None:
                continue
            if holder.user not in loud:
                self._holders[index] = None
                continue
            holder.dbov = loud[holder.user]
            if holder.dbov >= SPEECH_DBOV:
                holder.spoke_ms = now_ms

    def _fill(self, waiting: list[_Holder], now_ms: int) -> None:
        """Give free seats away: the reserve first, it is the next in line."""
        for index, holder in enumerate(self._holders):
            if holder is not None:
                continue
            reserve = self._holders[self._seats]
            if index < self._seats and reserve is not None:
                self._holders[index], self._holders[self._seats] = reserve, None
            elif waiting:
                self._holders[index] = _seated(waiting.pop(0), now_ms)

    def _promote(self, now_ms: int) -> None:
        """Let the reserve change places with the weakest seat if it speaks up."""
        reserve = self._holders[self._seats]
        if reserve is None or reserve.dbov < SPEECH_DBOV:
            return
        index = self._weakest(now_ms)
        if index is not None and self._may_oust(reserve, index, now_ms):
            self._holders[self._seats], self._holders[index] = self._holders[index], reserve
            reserve.since_ms = now_ms

    def _challenge(self, challenger: _Holder, now_ms: int) -> bool:
        """Seat somebody who has no place at all, if a seat or the reserve must yield."""
        index = self._weakest(now_ms)
        if index is not None and self._may_oust(challenger, index, now_ms):
            self._holders[self._seats] = self._holders[index]
            self._holders[index] = _seated(challenger, now_ms)
            return True
        if self._may_oust(challenger, self._seats, now_ms):
            self._holders[self._seats] = _seated(challenger, now_ms)
            return True
        return False

    def _weakest(self, now_ms: int) -> int | None:
        """Return the room's seat that would be missed least: not busy before busy, then the
        quietest.
        """
        taken = [
            (holder.is_busy(now_ms), holder.dbov, index)
            for index, holder in enumerate(self._holders)
            if holder
        ]
        room = [entry for entry in taken if entry[2] < self._seats]
        return min(room)[2] if room else None

    def _may_oust(self, challenger: _Holder, index: int, now_ms: int) -> bool:
        holder = self._holders[index]
        if holder is None or not holder.is_busy(now_ms):
            return True
        return now_ms - holder.since_ms >= SETTLED_MS and challenger.dbov >= holder.dbov + LOUDER_DB


def _seated(holder: _Holder, now_ms: int) -> _Holder:
    if holder.dbov >= SPEECH_DBOV:
        holder.spoke_ms = now_ms
    return holder
