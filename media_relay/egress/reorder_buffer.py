"""Packets back in the order of their numbers: what a publisher had to send again comes late."""

from dataclasses import dataclass

from media_relay.rtp.serial import Unwrapper

MOST_HELD = 400  # Packets; a second of camera.
MOST_WAIT_US = 400_000


@dataclass(frozen=True, slots=True)
class HeldPacket:
    number: int
    at_us: int
    packet: bytes


class ReorderBuffer:
    """One stream. `put` returns what can go on now; `lost` counts what never came."""

    def __init__(self) -> None:
        self._unwrapper = Unwrapper()
        self._next = -1
        self._held: dict[int, HeldPacket] = {}
        self.lost = 0

    def put(self, packet: bytes, at_us: int) -> list[HeldPacket]:
        number = self._unwrapper.unwrap(packet[2] << 8 | packet[3])
        if self._next < 0:
            self._next = number
        # Those that came after it have gone on, or it came twice.
        if number < self._next:
            return []
        self._held[number] = HeldPacket(number, at_us, packet)
        ready = self._run()
        while self._held:
            oldest_us = min(held.at_us for held in self._held.values())
            if len(self._held) <= MOST_HELD and at_us - oldest_us <= MOST_WAIT_US:
                break
            first = min(self._held)
            self.lost += first - self._next
            self._next = first
            ready += self._run()
        return ready

    def rest(self) -> list[HeldPacket]:
        """Nothing more will come: return what is held."""
        ready = [self._held[number] for number in sorted(self._held)]
        self._held.clear()
        return ready

    def _run(self) -> list[HeldPacket]:
        ready = []
        while self._next in self._held:
            ready.append(self._held.pop(self._next))
            self._next += 1
        return ready
