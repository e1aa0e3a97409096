"""English by pocketsphinx, whose small model is in its wheel: a draft, and enough to follow clear
speech.
"""

# Its wheel has no types.
from pocketsphinx import Decoder, Endpointer  # type: ignore[import-untyped]

from media_relay.egress.captions.engine import RATE, SAMPLE_BYTES, Heard, Maker

WINDOW_S = 0.3  # Speech is believed, and its end, after so long.
SPEECH_SHARE = 0.9
# A line longer than this is cut: nobody reads it, and the decoder's search only grows.
LONGEST_S = 10.0
MOST_STATES = 5000  # Followed at a time; 30 000 by default.

PARTIAL_EVERY_FRAMES = 8  # Of 30 ms; asking costs as much as decoding a frame.

# Each takes a quarter of a second to make. With its untouched channel mean.
_idle: list[tuple[Decoder, str]] = []


def maker() -> Maker:
    """Return what makes engines; the model is loaded now."""
    if not _idle:
        _idle.append(_decoder())
    return SphinxEngine


def _decoder() -> tuple[Decoder, str]:
    # The second search at the end of a speech takes a third of all time, at once, and finds hardly
    # a word more; and noise must not make the first one endless.
    decoder = Decoder(samprate=RATE, fwdflat=False, maxhmmpf=MOST_STATES, loglevel="FATAL")
    return decoder, decoder.get_cmn(False)


class SphinxEngine:
    def __init__(self) -> None:
        self._endpointer = Endpointer(window=WINDOW_S, ratio=SPEECH_SHARE, sample_rate=RATE)
        self._frame_bytes: int = self._endpointer.frame_bytes
        self._waiting = bytearray()
        self._decoder: Decoder | None = None
        self._mean = ""
        self._begun_s = 0.0
        self._resumed_s: float | None = None  # Where a speech goes on that was cut for its length.
        self._frames = 0
        self._text = ""
        self._said_s = 0.0

    def feed(self, pcm_16k: bytes) -> Heard | None:
        self._waiting += pcm_16k
        heard: Heard | None = None
        while len(self._waiting) >= self._frame_bytes:
            frame = bytes(self._waiting[: self._frame_bytes])
            del self._waiting[: self._frame_bytes]
            speech = self._endpointer.process(frame)
            if speech is None:
                continue
            if self._decoder is None:
                self._decoder = self._begin()
            self._decoder.process_raw(speech)
            self._said_s += len(speech) / SAMPLE_BYTES / RATE
            if not self._endpointer.in_speech or self._said_s > LONGEST_S:
                return self._end()  # What is left of the sound comes with the next.
            self._frames += 1
            if self._frames % PARTIAL_EVERY_FRAMES:
                continue
            text = _text_of(self._decoder)
            if text and text != self._text:
                self._text = text
                heard = Heard(text, False, self._begun_s)
        return heard

    def flush(self) -> Heard | None:
        # A whole frame is not an end to the endpointer, and none at all an error.
        frame = bytes(self._waiting[: self._frame_bytes - SAMPLE_BYTES]) or bytes(SAMPLE_BYTES)
        self._waiting.clear()
        speech = self._endpointer.end_stream(frame) if self._endpointer.in_speech else None
        if self._decoder is None:
            return None
        if speech:
            self._decoder.process_raw(speech)
        return self._end()

    def _begin(self) -> Decoder:
        decoder, self._mean = _idle.pop() if _idle else _decoder()
        # What it learned of the last voice is wrong for this one.
        decoder.set_cmn(self._mean)
        decoder.start_utt()
        self._begun_s = (
            self._endpointer.speech_start if self._resumed_s is None else self._resumed_s
        )
        self._said_s, self._text, self._frames = 0.0, "", 0
        return decoder

    def _end(self) -> Heard:
        decoder, self._decoder = self._decoder, None
        assert decoder is not None
        decoder.end_utt()
        text = _text_of(decoder)
        _idle.append((decoder, self._mean))
        self._resumed_s = self._begun_s + self._said_s if self._endpointer.in_speech else None
        return Heard(text, True, self._begun_s)


def _text_of(decoder: Decoder | None) -> str:
    guess = decoder.hyp() if decoder is not None else None
    return str(guess.hypstr) if guess is not None else ""
