"""Who takes what comes in by a transport."""

from typing import Protocol


class Sink(Protocol):
    """Who takes what comes in. Views are valid during the call only."""

    def admits_rtp(self, view: memoryview, now_ms: int) -> bool:
        """Decide by the clear header whether the packet is worth decrypting."""

    @property
    def sends(self) -> bool:
        """Whether this peer is one that the room listens to: its close_notify must not be missed."""

    def on_rtp(self, view: memoryview, length: int, now_ms: int) -> None: ...

    def on_rtcp(self, view: memoryview, length: int, now_ms: int) -> None: ...

    def on_connected(self) -> None: ...

    def on_moved(self) -> None:
        """The address to send to is another one now."""

    def on_gone(self, reason: str) -> None:
        """The transport has ended by itself. Called once."""


class _Nobody:
    """Stands where the sink was."""

    sends = False

    def admits_rtp(self, view: memoryview, now_ms: int) -> bool:
        return False

    def on_rtp(self, view: memoryview, length: int, now_ms: int) -> None: ...

    def on_rtcp(self, view: memoryview, length: int, now_ms: int) -> None: ...

    def on_connected(self) -> None: ...

    def on_moved(self) -> None: ...

    def on_gone(self, reason: str) -> None: ...


NOBODY = _Nobody()
