"""The last packets of an outgoing stream, for NACKs and for listeners who come late."""

MAX_PACKETS = 1024  # libsrtp protects an older number again only inside its sender window of 1024.


class History:
    """A ring of finished packets by their extended outgoing sequence number. Never grows.

    What is sent again must be the very bytes that went out first: under the same key and number,
    AES-GCM with other bytes gives away its authentication key. Code that pads a packet after `add`
    calls `replace`.
    """

    __slots__ = (
        "_key_frame",
        "_key_frame_ms",
        "_late",
        "_mask",
        "_numbers",
        "_packets",
        "highest",
        "size",
    )

    def __init__(self, size: int) -> None:
        """`size` is a power of two up to `MAX_PACKETS`."""
        if not 0 < size <= MAX_PACKETS or size & (size - 1):
            raise ValueError(f"history size must be a power of two up to {MAX_PACKETS}")
        self.size = size
        self.highest = -1
        self._mask = size - 1
        self._packets: list[bytes] = [b""] * size
        self._numbers = [-1] * size
        self._late = bytearray(size)
        self._key_frame = -1  # Extended number of the first packet of the last key frame.
        self._key_frame_ms = 0

    def add(self, number: int, packet: bytes) -> None:
        """Remember a packet; one that is older than the ring reaches is forgotten at once."""
        if number <= self.highest - self.size:
            return
        index = number & self._mask
        self._packets[index] = packet
        self._numbers[index] = number
        self._late[index] = number < self.highest
        if number > self.highest:
            self.highest = number

    def replace(self, seq: int, packet: bytes) -> bool:
        """Put the bytes that are really sent in place of what was added under the 16-bit `seq`.

        Returns False if that is gone already.
        """
        index = self._index(seq)
        if index < 0:
            return False
        self._packets[index] = packet
        return True

    def get(self, seq: int) -> bytes | None:
        """Return the packet with the 16-bit number `seq`, None if it never came or is too old."""
        index = self._index(seq)
        return self._packets[index] if index >= 0 else None

    def was_on_time(self, seq: int) -> bool:
        """Return whether this packet went out in its turn.

        One that the speaker's path lost goes out late, after the relay has asked for it again.
        """
        index = self._index(seq)
        return index >= 0 and not self._late[index]

    def mark_key_frame(self, number: int, now_ms: int) -> None:
        """Say that a key frame begins with the packet `number`."""
        if number > self._key_frame:
            self._key_frame, self._key_frame_ms = number, now_ms

    def since_key_frame(self, now_ms: int, max_age_ms: int) -> list[bytes]:
        """Return the packets from the last key frame on, in order, without those that never came.

        Empty if there was none, it began more than `max_age_ms` ago, its beginning has left the
        ring, or the numbers wrap on the way.
        """
        first = self._key_frame
        if first < 0 or now_ms - self._key_frame_ms > max_age_ms:
            return []
        if first <= self.highest - self.size:
            return []
        # A newcomer who loses the part before a wrap would guess SRTP's rollover counter wrong.
        if first >> 16 != self.highest >> 16:
            return []
        packets: list[bytes] = []
        for number in range(first, self.highest + 1):
            index = number & self._mask
            if self._numbers[index] == number:
                packets.append(self._packets[index])
        return packets

    def clear(self) -> None:
        """Forget all packets: nothing of them is sent again."""
        self._packets = [b""] * self.size
        self._numbers = [-1] * self.size
        self._key_frame = -1

    def _index(self, seq: int) -> int:
        """Return the ring index that holds `seq`, or -1."""
        index = seq & self._mask
        number = self._numbers[index]
        if number < 0 or number & 0xFFFF != seq or number <= self.highest - self.size:
            return -1
        return index
