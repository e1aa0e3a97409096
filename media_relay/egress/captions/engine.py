"""The one interface of speech engines, and which of them covers a language."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
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


class Unavailable(Exception):
    """No engine covers this; `reason` as in `CaptionStatus`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def primary(language: str) -> str:
    """Return the language without its region: en for en-GB."""
    return language.replace("_", "-").partition("-")[0].lower()


def require(language: str, model: str) -> None:
    """Raise Unavailable unless an engine covers the language.

    Loads none: the packets' process has no use for it.
    """
    if model and find_spec("faster_whisper"):
        return
    if not find_spec("pocketsphinx"):  # It has no wheel for Python 3.14 and later.
        raise Unavailable("no_engine")
    if primary(language) != "en":
        raise Unavailable("language")


def find(language: str, model: str) -> Maker:
    """Return what makes engines for a language; `model` is the folder of a Whisper model, or "".

    Raises Unavailable.
    """
    require(language, model)
    if model and find_spec("faster_whisper"):
        from media_relay.egress.captions import whisper

        return whisper.maker(model, primary(language))
    from media_relay.egress.captions import sphinx

    return sphinx.maker()
