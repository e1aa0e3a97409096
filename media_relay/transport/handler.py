"""What takes the packets and events of a transport."""

from typing import Protocol


class TransportHandler(Protocol):
    """Takes what comes in by a transport. Views are valid during the call only."""

    def admits_rtp(self, view: memoryview, length: int, now_ms: int) -> bool:
        """Decide by the clear header whether a datagram so long is worth decrypting."""

    @property
    def sends(self) -> bool:
        """Whether this peer is one that the room listens to: its end must not be missed."""

    def on_rtp(self, view: memoryview, length: int, now_ms: int) -> None: ...

    def on_rtcp(self, view: memoryview, length: int, now_ms: int) -> None: ...

    def on_connected(self) -> None: ...

    def on_moved(self) -> None:
        """The address to send to is another one now."""

    def on_gone(self, reason: str) -> None:
        """The transport has ended by itself. Called once."""


class _Nothing:
    """Stands where the handler was once a transport is closed."""

    sends = False

    def admits_rtp(self, view: memoryview, length: int, now_ms: int) -> bool:
        return False

    def on_rtp(self, view: memoryview, length: int, now_ms: int) -> None: ...

    def on_rtcp(self, view: memoryview, length: int, now_ms: int) -> None: ...

    def on_connected(self) -> None: ...

    def on_moved(self) -> None: ...

    def on_gone(self, reason: str) -> None: ...


NO_HANDLER = _Nothing()
