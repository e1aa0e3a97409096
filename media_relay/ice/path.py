"""One address of a peer, and what may be sent there.

Whoever knows our password can send signed checks in anybody's name. Until an address has answered a
check of ours it may get no more than it sent: no more bytes and no more datagrams.
"""

from dataclasses import dataclass

# From the last answer on: RFC 7675 §5.1 has 30 s, and peers are looked at once a second.
CONSENT_MS = 29_000
NEVER = -1_000_000


@dataclass(slots=True, eq=False)
class Path:
    """`address` is a raw socket address, as the kernel gives and takes it."""

    address: bytes
    checked_ms: int = NEVER  # When the peer's last good check came from there,
    nominated_ms: int = NEVER  # and the last one that chose it.
    asked_ms: int = NEVER  # When our last check went there,
    transaction_id: bytes = b""  # and which one it is, until it is answered.
    open_until_ms: int = NEVER
    reply: bytes = b""  # The answer to the peer's last check, while it waits.
    is_scheduled: bool = False  # It has a place in the queue of checks.
    is_forgotten: bool = False
    _credit_bytes: int = 0
    _credit_datagrams: int = 0

    def is_open(self, now_ms: int) -> bool:
        """Return whether it has consented to what we send, and lately enough (RFC 7675)."""
        return now_ms < self.open_until_ms

    def open(self, now_ms: int) -> None:
        """It has answered a check of ours."""
        self.transaction_id = b""
        self.open_until_ms = now_ms + CONSENT_MS

    def receive(self, length: int) -> None:
        """Note a datagram that came from an address which is not open."""
        self._credit_bytes += length
        self._credit_datagrams += 1

    def has_paid_for(self, length: int, datagrams: int = 1) -> bool:
        return self._credit_bytes >= length and self._credit_datagrams >= datagrams

    def pay(self, length: int) -> None:
        self._credit_bytes -= length
        self._credit_datagrams -= 1
