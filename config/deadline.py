"""How long somebody else may keep us: in all, not for each of their bytes."""

import os
import socket
import threading
import time
from contextlib import suppress


class Deadline:
    """The moment at which something must be over; `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left_s(self) -> float:
        """Return the seconds that are left. Raises TimeoutError when none are."""
        left_s = self._at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("It took too long in all.")
        return left_s


class CutOff:
    """Ends a connection after `seconds`, whoever reads from it or waits for it to be read.

    For clients that know a limit for each read alone. What they get is an end of the connection.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        # A descriptor of its own stays, also when TLS takes the other one over.
        self._connection = socket.socket(fileno=os.dup(connection.fileno()))
        self._timer = threading.Timer(max(0.0, seconds), self._end)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()
        self._connection.close()

    def _end(self) -> None:
        with suppress(OSError):  # It has ended by itself.
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()
