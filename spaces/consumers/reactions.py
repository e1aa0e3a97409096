"""Reactions, merged: many hands, few messages (RULES §8)."""

from collections import Counter

# Named people in one message; the rest of a big room's reactions are counts without a name.
NAMED_MAX = 50
SMALL_ROOM, BIG_ROOM = 100, 1000
SMALL_EVERY_S, MIDDLE_EVERY_S, BIG_EVERY_S = 0.05, 0.25, 1.0

Item = tuple[int | None, str, int]


class ReactionBatch:
    """Reactions of one room since the last message."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int | None, str]] = Counter()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, user: int | None, emoji: str, count: int = 1) -> None:
        """Count a reaction; once enough people are named, others count without a name, so that a batch stays small."""
        key = (user, emoji)
        if key not in self._counts and len(self._counts) >= NAMED_MAX:
            key = (None, emoji)
        self._counts[key] += count

    def take(self) -> list[Item]:
        """Return what there is and start anew."""
        items = [(user, emoji, count) for (user, emoji), count in self._counts.items()]
        self._counts.clear()
        return items


def interval_s(listeners: int) -> float:
    """Return how long reactions are gathered before they are shown."""
    if listeners > BIG_ROOM:
        return BIG_EVERY_S
    return MIDDLE_EVERY_S if listeners > SMALL_ROOM else SMALL_EVERY_S
