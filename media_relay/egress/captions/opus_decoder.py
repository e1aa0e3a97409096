"""Opus packets of one person as sound for an engine, silences included.

Nobody sends silence: discontinuous transmission leaves holes, and whoever mutes stops altogether.
An engine that does not hear the silence after a sentence never ends it.
"""

import av
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError

from media_relay.egress.captions.engine import RATE, SAMPLE_BYTES
from media_relay.rtp.serial import timestamp_distance

OPUS_HZ = 48_000
LONGEST_SILENCE_MS = 1000  # More than any engine needs to end a sentence.
MS_BYTES = RATE // 1000 * SAMPLE_BYTES


class OpusDecoder:
    def __init__(self) -> None:
        self._decoder = create_opus_decoder()
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        self._next_rtp: int | None = None  # The timestamp that joins on to what was heard.
        self._filled_ms = 0  # Silence that was put in since, by the clock.

    def hear(self, opus: bytes, timestamp_rtp: int) -> bytes:
        """Return the sound of a packet, with the silence before it; nothing for one that is damaged
        or too late.
        """
        gap_ms = 0
        if self._next_rtp is not None:
            gap_ms = timestamp_distance(timestamp_rtp, self._next_rtp) * 1000 // OPUS_HZ
            # Further back it is not late: the timestamps began anew.
            if gap_ms < 0 and -gap_ms < 5000:
                return b""
        pcm = decode_opus(opus, self._decoder, self._resampler)
        if not pcm:
            return b""
        silence = _silence(min(gap_ms, LONGEST_SILENCE_MS) - self._filled_ms)
        duration = len(pcm) // SAMPLE_BYTES * (OPUS_HZ // RATE)
        self._next_rtp, self._filled_ms = (timestamp_rtp + duration) & 0xFFFF_FFFF, 0
        return silence + pcm

    def rest(self, silent_ms: int) -> bytes:
        """Nothing has come for `silent_ms`: return the silence that is not yet heard."""
        pcm = _silence(min(silent_ms, LONGEST_SILENCE_MS) - self._filled_ms)
        self._filled_ms += len(pcm) // MS_BYTES
        return pcm


def create_opus_decoder() -> AudioCodecContext:
    decoder = av.CodecContext.create("opus", "r")
    assert isinstance(decoder, AudioCodecContext)
    # Both kinds of packets decode into it (RFC 7845 §5.1).
    decoder.sample_rate, decoder.layout = OPUS_HZ, "stereo"
    return decoder


def decode_opus(opus: bytes, decoder: AudioCodecContext, resampler: av.AudioResampler) -> bytes:
    """Return a packet's 16-bit mono sound at the resampler's rate; nothing if it is damaged."""
    try:
        frames = decoder.decode(av.Packet(opus))
    except (FFmpegError, ValueError):
        return b""
    sounds = (sound for frame in frames for sound in resampler.resample(frame))
    # A plane is padded beyond its samples.
    return b"".join(bytes(sound.planes[0])[: sound.samples * SAMPLE_BYTES] for sound in sounds)


def _silence(ms: int) -> bytes:
    return bytes(max(ms, 0) * MS_BYTES)
