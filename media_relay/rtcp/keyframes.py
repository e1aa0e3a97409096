"""Asking a camera for a key frame: often enough to get one, never so often that it harms."""

# At most two key-frame requests a second per track; encoders ignore faster ones.
PLI_INTERVAL_MS = 500
SLOW_INTERVAL_MS = 2000
# After five seconds without an answer the camera is likely off: ask on, but slowly.
FAST_TRIES = 10


class KeyFrameRequester:
    """Whether a key frame of one track is wanted. Requests of many listeners become one."""

    __slots__ = ("_sent_ms", "_tries", "wanted")

    def __init__(self) -> None:
        self.wanted = False
        self._sent_ms: int | None = None
        self._tries = 0

    def request(self) -> None:
        """Want a key frame until one comes."""
        if not self.wanted:
            self.wanted, self._tries = True, 0

    def due(self, now_ms: int) -> bool:
        """Return whether a PLI goes out now; if so it counts as sent.

        Called after `request` and on every tick.
        """
        if not self.wanted:
            return False
        interval = PLI_INTERVAL_MS if self._tries < FAST_TRIES else SLOW_INTERVAL_MS
        if self._sent_ms is not None and now_ms - self._sent_ms < interval:
            return False
        self._sent_ms = now_ms
        self._tries += 1
        return True

    def on_key_frame(self) -> None:
        self.wanted = False
