"""Many listeners without a screen, beside the people at their browsers: sockets alone, in a thread
of their own.

Playwright keeps the main thread's event loop for itself.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from tests.bench.room.crowd import Address, Crowd, Listener
from tests.stack.parley import Parley

T = TypeVar("T")
PATIENCE_S = 120.0  # A hundred sockets on a machine that also runs Chromium.


class LightCrowd:
    """The listeners of one Space."""

    def __init__(self, address: Address) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="crowd", daemon=True)
        self._thread.start()
        self._crowd = self._wait(self._open(address))

    def comes(self, cookies: Sequence[str]) -> list[Listener]:
        """Let one listener in for each session cookie ("" is a visitor)."""
        return self._wait(self._crowd.join(cookies, b"space.snapshot"))

    def says(self, people: Sequence[Listener], text: str) -> None:
        """Have all of them say the same at one moment."""
        for one in people:
            self._loop.call_soon_threadsafe(one.socket.send, text)

    def total(self, kind: bytes) -> int:
        """Return how many messages of this kind all have got together."""
        return self._crowd.total(kind)

    def goes(self) -> None:
        self._wait(self._crowd.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    async def _open(self, address: Address) -> Crowd:
        return Crowd(address)

    def _wait(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)


@contextmanager
def listening(site: Parley, space: str) -> Iterator[LightCrowd]:
    """Yield a crowd for this Space; nobody is in it yet."""
    crowd = LightCrowd(Address(site.port, f"/ws/spaces/{space}/"))
    try:
        yield crowd
    finally:
        crowd.goes()
