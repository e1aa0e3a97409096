"""The ICE-lite side of one peer: which addresses it proved to own, and which of them we send to.

A lite agent sends no checks. Each good check from the peer is its consent to receive (RFC 7675 by
other means), and the newest nominated one says where to.
"""

import secrets
from dataclasses import dataclass, field

from media_relay.ice import stun

# A browser validates one pair per own interface and keeps one; more is an attempt to collect.
MAX_ADDRESSES = 4
CONSENT_MS = 15_000  # RULES §6: gone after 15 s. Chromium checks every 2.5 s, aioice every 5 s.
# The selected address has been silent: any other validated one takes over, nominated or not.
STALE_MS = 6_000
UFRAG_BYTES = 6  # 48 bits; RFC 8445 §5.3 asks for 24.
PASSWORD_BYTES = 18  # 144 bits; RFC 8445 §5.3 asks for 128.


@dataclass(slots=True)
class Agent:
    """Addresses are raw socket addresses, as the kernel gives and takes them."""

    opened_ms: int
    ufrag: str = field(default_factory=lambda: secrets.token_hex(UFRAG_BYTES))
    password: str = field(default_factory=lambda: secrets.token_hex(PASSWORD_BYTES))
    remote_ufrag: str = ""  # From the answer; checks may come before it.
    selected: bytes = b""
    validated: dict[bytes, int] = field(default_factory=dict)  # Address -> when it was last proved.
    last_check_ms: int = 0
    key: bytes = b""

    def __post_init__(self) -> None:
        self.key = self.password.encode()

    def accepts(self, data: memoryview, request: stun.BindingRequest) -> bool:
        """Return whether the check is from this peer.

        It is signed with our password, and names the peer by its ufrag once we know that.
        """
        if self.remote_ufrag and request.remote_ufrag != self.remote_ufrag:
            return False
        return stun.is_signed(data, request, self.key)

    def on_check(self, request: stun.BindingRequest, address: bytes, now_ms: int) -> list[bytes]:
        """Note a good check and return the addresses that are no longer this peer's."""
        self.last_check_ms = now_ms
        self.validated[address] = now_ms
        # Before a nomination nothing is sent, so that DTLS starts on the pair the peer chose.
        # Afterwards a silent pair gives way to any that lives.
        is_stale = bool(self.selected) and (
            now_ms - self.validated.get(self.selected, 0) > STALE_MS
        )
        if request.nominated or is_stale:
            self.selected = address
        if len(self.validated) <= MAX_ADDRESSES:
            return []
        others = [other for other in self.validated if other != self.selected]
        oldest = min(others, key=self.validated.__getitem__)
        del self.validated[oldest]
        return [oldest]

    def reply(self, request: stun.BindingRequest, address: bytes) -> bytes:
        if request.controlled:
            return stun.encode_role_conflict(request.transaction_id, self.key)
        return stun.encode_success(request.transaction_id, address, self.key)

    def has_consent(self, now_ms: int) -> bool:
        return now_ms - (self.last_check_ms or self.opened_ms) < CONSENT_MS
