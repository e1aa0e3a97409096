"""The one interface of speech engines."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

RATE = 16_000
SAMPLE_BYTES = 2


@dataclass(frozen=True)
class Heard:
    """What an engine makes of the speech it is in. `begun_s` is where that began, in seconds of
    sound fed.

    Partial texts of one speech replace each other; the final one ends it. An empty final: it was
    none.
    """

    text: str
    final: bool
    begun_s: float


class Engine(Protocol):
    """Listens to one person.

    Voice activity is its own business: between two speeches it returns None.
    """

    def feed(self, pcm_16k: bytes) -> Heard | None:
        """Take 16-bit mono sound at 16 kHz, at most 100 ms."""
        ...

    def flush(self) -> Heard | None:
        """The sound ends here: return the final text if there is speech open.

        Nothing is fed after it.
        """
        ...


Maker = Callable[[], Engine]
