"""Reactions of many participants, merged into few messages (RULES §8)."""

from collections import Counter, deque

from config.limits import LIMITS
from spaces.rooms.messages import ReactionItem

# Named people in one message; the rest of a big room's reactions are counts without a name.
NAMED_MAX = 50
# Listeners. RULES §8: above 100 at most 4 updates a second, above 1 000 one.
SMALL_ROOM, BIG_ROOM = 100, 1000
MINUTE_S = 60.0
SMALL_EVERY_S, MIDDLE_EVERY_S, BIG_EVERY_S = 0.05, 0.25, 1.0


class ReactionBatch:
    """Reactions of one room since the last message."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int | None, str]] = Counter()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, user: int | None, emoji: str, count: int = 1) -> None:
        """Count a reaction; once enough people are named, others count without a name."""
        # A batch goes to every socket of the room, so its size must not grow with the crowd.
        key = (user, emoji)
        if key not in self._counts and len(self._counts) >= NAMED_MAX:
            key = (None, emoji)
        self._counts[key] += count

    def take(self) -> tuple[ReactionItem, ...]:
        """Return what there is and start anew."""
        items = tuple((user, emoji, count) for (user, emoji), count in self._counts.items())
        self._counts.clear()
        return items


class ReactionLimit:
    """How often each user may react in one room. `now` is monotonic seconds.

    Kept in this process: an account has one socket in a room, and a thousand reactions a second
    must not ask Redis.
    """

    def __init__(self) -> None:
        self._times: dict[int, deque[float]] = {}
        self._swept_at = 0.0

    def allows(self, user: int, now: float) -> bool:
        """Count one more, if it is within both limits."""
        if now - self._swept_at > MINUTE_S:
            # A user who was silent for a minute is within the limits again, and a room that lives
            # for hours must not remember all who ever reacted.
            self._swept_at = now
            self._times = {
                of_user: past
                for of_user, past in self._times.items()
                if past and now - past[-1] < MINUTE_S
            }
        times = self._times.setdefault(user, deque(maxlen=LIMITS.reactions_per_minute))
        is_too_soon = bool(times) and now - times[-1] < LIMITS.reaction_every_ms / 1000
        # The deque holds as many times as a minute allows, so the oldest says whether that is over.
        is_full = len(times) == times.maxlen
        if is_too_soon or (is_full and (not times or now - times[0] < MINUTE_S)):
            return False
        times.append(now)
        return True


def interval_s(listeners: int) -> float:
    """Return how long reactions are gathered before they are shown."""
    if listeners > BIG_ROOM:
        return BIG_EVERY_S
    return MIDDLE_EVERY_S if listeners > SMALL_ROOM else SMALL_EVERY_S
