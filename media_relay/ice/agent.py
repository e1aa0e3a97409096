"""The ICE-lite side of one peer: which addresses are its own, and which of them we send to.

A lite agent looks for no path by itself. It answers the peer's checks, and sends one of its own to
each address that they come from: only where that is answered anything else goes (RFC 8445 §7.3.1.4,
RFC 7675). The newest nominated one of those says where to.
"""

import secrets
from dataclasses import dataclass, field

from media_relay.ice import stun
from media_relay.ice.path import NEVER, Path

# A browser validates one pair per own interface and keeps one; more is an attempt to collect.
MAX_ADDRESSES = 4
# RULES §6: gone after 15 s without a check of the peer's. Chromium checks every 2.5 s, aioice every
# 5 s.
SILENT_MS = 15_000
# The selected address has been silent: any other open one takes over, nominated or not.
STALE_MS = 6_000
# Good checks of one peer. Until it has a pair that works Chromium sends twenty over each.
CHECKS_PER_S = 200
UFRAG_BYTES = 6  # 48 bits; RFC 8445 §5.3 asks for 24.
PASSWORD_BYTES = 18  # 144 bits; RFC 8445 §5.3 asks for 128.


@dataclass(slots=True)
class Agent:
    """Addresses are raw socket addresses, as the kernel gives and takes them."""

    opened_ms: int
    ufrag: str = field(default_factory=lambda: secrets.token_hex(UFRAG_BYTES))
    password: str = field(default_factory=lambda: secrets.token_hex(PASSWORD_BYTES))
    remote_ufrag: str = ""  # From the answer; checks may come before it.
    remote_key: bytes = b""
    selected: bytes = b""
    paths: dict[bytes, Path] = field(default_factory=dict)  # By address.
    last_check_ms: int = 0
    key: bytes = b""
    check_bytes: int = 0  # How long a check of ours is.
    _attributes: bytes = b""  # What all checks of ours have in common.
    _second: int = 0
    _checks_left: int = CHECKS_PER_S

    def __post_init__(self) -> None:
        self.key = self.password.encode()

    def on_answer(self, ufrag: str, password: str) -> None:
        """The peer's credentials are here: from now on it can be asked."""
        self.remote_ufrag = ufrag
        self.remote_key = password.encode()
        self._attributes = stun.check_attributes(f"{ufrag}:{self.ufrag}")
        self.check_bytes = len(self._check(bytes(12)))

    def accepts(self, data: bytes, request: stun.BindingRequest) -> bool:
        """Return whether the check is from this peer.

        It is signed with our password, and names the peer by its ufrag once we know that.
        """
        if self.remote_ufrag and request.remote_ufrag != self.remote_ufrag:
            return False
        return stun.is_signed(data, request.integrity_at, self.key)

    def has_checks_left(self, now_ms: int) -> bool:
        """Count a good check; False if it is one too many in its second."""
        if now_ms // 1000 != self._second:
            self._second = now_ms // 1000
            self._checks_left = CHECKS_PER_S
        self._checks_left -= 1
        return self._checks_left >= 0

    def on_check(self, request: stun.BindingRequest, address: bytes, now_ms: int) -> Path:
        """Note a good check and return its path."""
        self.last_check_ms = now_ms
        path = self.paths.get(address)
        if path is None:
            path = self.paths[address] = Path(address)
        path.checked_ms = now_ms
        if request.nominated:
            path.nominated_ms = now_ms
        self._select(path, now_ms)
        return path

    def surplus(self) -> Path | None:
        """Take out the path of which nothing was heard for longest, if there is one too many."""
        if len(self.paths) <= MAX_ADDRESSES:
            return None
        others = [path for path in self.paths.values() if path.address != self.selected]
        oldest = min(others, key=lambda path: path.checked_ms)
        return self.paths.pop(oldest.address)

    def reply(self, request: stun.BindingRequest, address: bytes) -> bytes:
        if request.controlled:
            return stun.encode_role_conflict(request.transaction_id, self.key)
        return stun.encode_success(request.transaction_id, address, self.key)

    def ask(self, path: Path, now_ms: int) -> bytes:
        """Return the next check of ours for this path: the last one again, if it is not answered.

        So an answer that takes longer than we wait is one all the same (RFC 8489 §6.2.1).
        """
        path.asked_ms = now_ms
        # Nobody may guess it: it is what tells an answer from a forged one that is signed.
        path.transaction_id = path.transaction_id or secrets.token_bytes(12)
        return self._check(path.transaction_id)

    def on_answered(self, path: Path, now_ms: int) -> None:
        """A check of ours was answered from where it had gone to."""
        path.open(now_ms)
        self._select(path, now_ms)

    def has_consent(self, now_ms: int) -> bool:
        """Return whether the peer is still there: it checks, and it answers."""
        is_silent = now_ms - (self.last_check_ms or self.opened_ms) >= SILENT_MS
        return not is_silent and self.may_send(now_ms)

    def may_send(self, now_ms: int) -> bool:
        """Return whether anything but checks may go to the selected address."""
        path = self.paths.get(self.selected)
        return path is not None and path.is_open(now_ms)

    def _select(self, path: Path, now_ms: int) -> None:
        """Send to this path from now on, if it is open and newer than the one before."""
        if path.address == self.selected or not path.is_open(now_ms):
            return
        # Before a nomination nothing is sent, so that DTLS starts on the pair the peer chose.
        # Afterwards a silent pair gives way to any that lives.
        chosen_ms, is_stale = NEVER, False
        if current := self.paths.get(self.selected):
            chosen_ms, is_stale = current.nominated_ms, now_ms - current.checked_ms > STALE_MS
        if path.nominated_ms >= max(chosen_ms, NEVER + 1) or is_stale:
            self.selected = path.address

    def _check(self, transaction_id: bytes) -> bytes:
        return stun.encode_check(transaction_id, self._attributes, self.remote_key)
