"""How the numbers of changing sources become one continuous series."""

MAX_SPANS = 16  # Changes of the difference that late packets can still be placed across.
NOWHERE = -1


class SequenceMap:
    """Maps a source's extended sequence numbers to the outgoing stream's.

    Those never leave a gap of their own. Within one *span* of source numbers the difference is
    constant, so a late or repeated packet gets the very number its place was kept for. `anchor`,
    `skip` and `insert` begin a new span.
    """

    __slots__ = ("_difference", "_earlier", "_first", "highest", "highest_source")

    def __init__(self, first: int) -> None:
        """`first` will be the first outgoing number."""
        self.highest = first - 1
        self.highest_source = -1
        self._first = 1 << 62  # No source yet: no packet is at or behind this.
        self._difference = 0
        self._earlier: list[tuple[int, int]] = []

    def anchor(self, number: int) -> None:
        """Let a new source go on behind the highest outgoing number, from packet `number` on."""
        self._earlier.clear()
        self._first = number
        self._difference = self.highest + 1 - number
        self.highest_source = number - 1

    def place(self, number: int) -> int:
        """Return the outgoing number of a source packet, or `NOWHERE` if there is none for it."""
        if number < self._first:  # Late: it belongs to a former span.
            for first, difference in reversed(self._earlier):
                if number >= first:
                    return number + difference
            return NOWHERE
        outgoing = number + self._difference
        if outgoing > self.highest:
            self.highest = outgoing
            self.highest_source = number
        return outgoing

    def skip(self, number: int) -> None:
        """The newest source packet `number` is not sent on: what follows closes up.

        A late one keeps its place.
        """
        if number <= self.highest_source:
            return
        self.highest = number - 1 + self._difference
        self.highest_source = number
        self._begin(number + 1, self._difference - 1)

    def insert(self) -> int:
        """Take an outgoing number for a packet that no source sent, behind all that went out."""
        self.highest += 1
        self._begin(self.highest_source + 1, self._difference + 1)
        return self.highest

    def _begin(self, first: int, difference: int) -> None:
        """Begin a span: from the source's number `first` on the difference is another one."""
        if first > self._first:
            self._earlier.append((self._first, self._difference))
            del self._earlier[:-MAX_SPANS]
        self._first = first
        self._difference = difference
