"""Numbers that wrap: comparing them (RFC 1982) and counting on (RFC 3550 appendix A.1)."""

SEQUENCE_CYCLE = 1 << 16


def timestamp_distance(later: int, earlier: int) -> int:
    """Return how many clock ticks `later` is ahead of `earlier`, negative if behind."""
    return ((later - earlier + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000


class Unwrapper:
    """Turns 16-bit sequence numbers into ones that never wrap."""

    __slots__ = ("highest",)

    def __init__(self) -> None:
        self.highest = -1  # Nothing seen yet.

    def unwrap(self, seq: int) -> int:
        """Return the extended sequence number of a 16-bit `seq`.

        Picks the value nearest the highest seen so far, so packets up to 32767
        late or early land in the right cycle. The first cycle counts as the
        second, so that nothing that came before the first packet is negative.

        Raises ValueError if `seq` is not in 0..65535.
        Source: RFC 3550 appendix A.1.
        """
        if not 0 <= seq <= 0xFFFF:
            raise ValueError("sequence number is not 16 bits wide")
        highest = self.highest
        if highest < 0:
            self.highest = SEQUENCE_CYCLE + seq
            return self.highest
        extended = highest + ((seq - highest + 0x8000) & 0xFFFF) - 0x8000
        if extended > highest:
            self.highest = extended
        return extended
