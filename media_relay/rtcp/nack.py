"""Noticing what a publisher's packets left out, and asking for it again (RFC 4585 §6.2.1)."""

REORDER_MS = 10  # A hole younger than this is taken for reordering, not loss.
REORDER_PACKETS = 3  # … unless so many packets came after it.
# Until a round trip is measured. The NACK may be lost like any packet, so it goes out twice in each
# round trip: browsers do not answer again what they have just answered.
RETRY_MS = 35
MIN_RETRY_MS = 20
MAX_TRIES = 16
MAX_AGE_MS = 1000  # Later than that nobody can play the packet any more.
MAX_MISSING = 256  # More at once is an outage: only a key frame helps.


class _Hole:
    __slots__ = ("asked_ms", "found_ms", "tries")

    def __init__(self, found_ms: int) -> None:
        self.found_ms = found_ms
        self.asked_ms = 0
        self.tries = 0


class NackGenerator:
    """The holes in one inbound stream, at most `MAX_MISSING`, by extended sequence number."""

    __slots__ = ("_given_up", "_highest", "_holes", "_opened", "_retry_ms")

    def __init__(self) -> None:
        self._highest = -1
        self._holes: dict[int, _Hole] = {}
        self._given_up = False
        self._opened = False
        self._retry_ms = RETRY_MS

    def on_packet(self, number: int, now_ms: int) -> bool:
        """Take note of the packet `number`; True if it came because it was asked for."""
        highest = self._highest
        if number == highest + 1 or highest < 0:
            self._highest = number
            return False
        if number <= highest:
            hole = self._holes.pop(number, None)
            return hole is not None and hole.tries > 0
        self._highest = number
        if number - highest - 1 + len(self._holes) > MAX_MISSING:
            self._holes.clear()
            self._given_up = True
            return False
        self._opened = True
        for missing in range(highest + 1, number):
            self._holes[missing] = _Hole(now_ms)
        return False

    def on_round_trip(self, rtt_ms: int) -> None:
        """Set the wait before asking again from a measured round trip to the publisher."""
        self._retry_ms = max(MIN_RETRY_MS, min(rtt_ms // 2 + 10, MAX_AGE_MS // 2))

    def due(self, now_ms: int) -> list[int]:
        """Return the 16-bit numbers to ask for now, oldest first, and count them as asked for."""
        if not self._holes:
            return []
        wanted: list[int] = []
        gone: list[int] = []
        for number, hole in self._holes.items():
            if now_ms - hole.found_ms > MAX_AGE_MS:
                gone.append(number)
                continue
            if hole.tries:
                is_due = now_ms - hole.asked_ms >= self._retry_ms
            else:
                # It may only be late: not before some came after it, or some time has passed.
                is_due = (
                    self._highest - number >= REORDER_PACKETS
                    or now_ms - hole.found_ms >= REORDER_MS
                )
            if not is_due:
                continue
            if hole.tries >= MAX_TRIES:
                gone.append(number)
                continue
            hole.asked_ms = now_ms
            hole.tries += 1
            wanted.append(number & 0xFFFF)
        for number in gone:
            del self._holes[number]
            self._given_up = True
        return wanted

    def take_opened(self) -> bool:
        """Return whether more packets are missing since the last call; `due` in `REORDER_MS`."""
        opened = self._opened
        self._opened = False
        return opened

    def take_given_up(self) -> bool:
        """Return whether a packet was given up since the last call: pictures need a key frame."""
        given_up = self._given_up
        self._given_up = False
        return given_up

    def restart(self, number: int) -> None:
        """The sender goes on with `number` after a jump: nothing before it is asked for."""
        self._holes.clear()
        self._highest = number - 1

    def on_key_frame(self, number: int) -> None:
        """A key frame begins with `number`: no picture needs an older packet now."""
        for old in [n for n in self._holes if n < number]:
            del self._holes[old]
