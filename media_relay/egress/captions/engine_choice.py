"""Which speech engine covers a language."""

from importlib.util import find_spec

from media_relay.egress.captions import whisper
from media_relay.egress.captions.engine import Maker


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
        return whisper.maker(model, primary(language))
    # Here, because the module loads an engine that is not installed everywhere.
    from media_relay.egress.captions import sphinx

    return sphinx.maker()
