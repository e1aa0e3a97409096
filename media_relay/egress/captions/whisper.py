"""Any language by faster-whisper, where somebody has installed it and CAPTION_MODEL names a folder
with a model.

Whisper hears whole sentences, not streams: the open sentence is transcribed anew about once a
second for the partial text, and once more at its end.
"""

from array import array
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Protocol

from media_relay.egress.captions.endpoint import FRAME_BYTES, FRAME_S, Endpointer
from media_relay.egress.captions.engine import RATE, SAMPLE_BYTES, Heard, Maker

PARTIAL_EVERY_S = 1.0
LONGEST_S = 15.0


class WhisperSegment(Protocol):
    text: str


class WhisperModel(Protocol):
    """What is used of `faster_whisper.WhisperModel`."""

    # Any: theirs, untyped.
    def transcribe(self, audio: Any, **options: Any) -> tuple[Iterable[WhisperSegment], Any]: ...


def maker(folder: str, language: str) -> Maker:
    """Load the model once; all engines of this process share it.

    Raises what faster-whisper raises for a bad folder.
    """
    # `local_files_only`: else a wrong folder would be looked for on the network.
    model = import_module("faster_whisper").WhisperModel(
        folder, device="cpu", compute_type="int8", local_files_only=True
    )
    return lambda: WhisperEngine(model, language)


class WhisperEngine:
    def __init__(self, model: WhisperModel, language: str) -> None:
        self._model = model
        self._language = language
        self._endpointer = Endpointer()
        self._waiting = bytearray()
        self._speech = bytearray()
        self._begun_s = 0.0
        self._asked_bytes = 0
        self._text = ""

    def feed(self, pcm_16k: bytes) -> Heard | None:
        self._waiting += pcm_16k
        heard: Heard | None = None
        while len(self._waiting) >= FRAME_BYTES:
            frame = bytes(self._waiting[:FRAME_BYTES])
            del self._waiting[:FRAME_BYTES]
            speech = self._endpointer.process(frame)
            if speech and not self._speech:
                self._begun_s = self._endpointer.frames * FRAME_S - _seconds(speech)
                self._asked_bytes, self._text = 0, ""
            self._speech += speech
            if not self._speech:
                continue
            if not self._endpointer.in_speech or _seconds(self._speech) > LONGEST_S:
                self._endpointer.reset()
                return self._end()  # What is left of the sound comes with the next.
            if _seconds(self._speech) - self._asked_bytes / SAMPLE_BYTES / RATE < PARTIAL_EVERY_S:
                continue
            self._asked_bytes = len(self._speech)
            text = self._transcribe()
            if text and text != self._text:
                self._text = text
                heard = Heard(text, False, self._begun_s)
        return heard

    def flush(self) -> Heard | None:
        self._waiting.clear()
        self._endpointer.reset()
        return self._end() if self._speech else None

    def _end(self) -> Heard:
        text = self._transcribe()
        self._speech.clear()
        return Heard(text, True, self._begun_s)

    def _transcribe(self) -> str:
        # It comes with faster-whisper; Parley itself has no use for it.
        numpy = import_module("numpy")
        sound = numpy.array(array("h", bytes(self._speech)), dtype=numpy.float32) / 32768
        pieces, _ = self._model.transcribe(
            sound, language=self._language, beam_size=1, condition_on_previous_text=False
        )
        return " ".join(piece.text.strip() for piece in pieces).strip()


def _seconds(pcm: bytes | bytearray) -> float:
    return len(pcm) / SAMPLE_BYTES / RATE
