"""Sound and pictures for tests and benches, coded as browsers code them: Opus and VP8 in RTP."""

import json
import math
import random
import struct
import wave
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from tests.bench.synthetic import header_extension

VOICES = Path(__file__).parent / "voices"
OPUS_HZ = 48_000
STEP = 960  # 20 ms.
VIDEO_HZ = 90_000
MTU = 1100
Rgb = tuple[int, int, int]


@cache
def sentences() -> dict[str, str]:
    return dict(json.loads((VOICES / "sentences.json").read_text()))


def wav_path(name: str) -> Path:
    return VOICES / f"{name}.wav"


@cache
def voice(name: str) -> tuple[bytes, ...]:
    """Return a sentence as Opus packets of 20 ms."""
    with wave.open(str(wav_path(name))) as file:
        pcm, rate = file.readframes(file.getnframes()), file.getframerate()
    return tuple(opus(pcm, rate))


def opus(pcm: bytes, rate: int = OPUS_HZ, bitrate: int = 32_000) -> Iterator[bytes]:
    """Code mono 16-bit sound as Opus packets of 20 ms; an end shorter than a packet is left out."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = (
        OPUS_HZ,
        "mono",
        "s16",
        bitrate,
    )
    encoder.time_base = Fraction(1, OPUS_HZ)
    encoder.options = {"frame_duration": "20", "application": "voip"}
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.planes[0].update(pcm)
    frame.sample_rate, frame.pts = rate, 0
    resampler = av.AudioResampler(format="s16", layout="mono", rate=OPUS_HZ, frame_size=STEP)
    for piece in resampler.resample(frame):
        for packet in encoder.encode(piece):
            yield bytes(packet)


def beeps(
    duration_ms: int, every_ms: int, long_ms: int = 200, hz: int = 1000, offset_ms: int = 0
) -> bytes:
    """Return 48 kHz sound: silence with a beep of `long_ms` at each multiple of `every_ms` from
    `offset_ms` on.
    """
    wave_ = array(
        "h",
        (
            round(12_000 * math.sin(2 * math.pi * hz * i / OPUS_HZ))
            for i in range(OPUS_HZ // 1000 * long_ms)
        ),
    )
    pcm = bytearray(duration_ms * OPUS_HZ // 1000 * 2)
    for start_ms in range(offset_ms, duration_ms - long_ms + 1, every_ms):
        at = start_ms * OPUS_HZ // 1000 * 2
        pcm[at : at + len(wave_) * 2] = wave_.tobytes()
    return bytes(pcm)


def noise(duration_ms: int, seed: int = 1) -> bytes:
    """Return 48 kHz sound of which no two packets are alike."""
    samples = random.Random(seed).choices(range(-6000, 6000), k=duration_ms * OPUS_HZ // 1000)
    return array("h", samples).tobytes()


@dataclass
class Coder:
    """A VP8 encoder for pictures of one colour; `frame` returns the coded picture."""

    width: int = 320
    height: int = 180
    rate: int = 30
    _context: VideoCodecContext = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        context = av.CodecContext.create("libvpx", "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height, context.pix_fmt = self.width, self.height, "yuv420p"
        context.time_base, context.framerate = Fraction(1, self.rate), Fraction(self.rate)
        context.bit_rate = 400_000
        context.options = {
            "deadline": "realtime",
            "cpu-used": "8",
            "lag-in-frames": "0",
            "g": "100000",
        }
        context.thread_count = 1
        self._context = context

    def frame(self, colour: Rgb, key: bool = False) -> bytes:
        return self.picture(plain(self.width, self.height, colour), key)

    def picture(self, picture: av.VideoFrame, key: bool = False) -> bytes:
        picture.pts = self._count
        picture.time_base = Fraction(1, self.rate)
        picture.pict_type = av.video.frame.PictureType.I if key else av.video.frame.PictureType.NONE
        self._count += 1
        packets = self._context.encode(picture)
        assert len(packets) == 1, "Without look-ahead each picture gives one packet."
        return bytes(packets[0])


def plain(width: int, height: int, colour: Rgb) -> av.VideoFrame:
    """Return a picture of one colour."""
    red, green, blue = colour
    luma = round(16 + 0.257 * red + 0.504 * green + 0.098 * blue)
    cb = round(128 - 0.148 * red - 0.291 * green + 0.439 * blue)
    cr = round(128 + 0.439 * red - 0.368 * green - 0.071 * blue)
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, value in zip(frame.planes, (luma, cb, cr), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


@dataclass
class Rtp:
    """Numbers packets of one stream.

    `extension` is what a publisher adds, see `synthetic.header_extension`.
    """

    ssrc: int
    payload_type: int
    sequence: int = 1
    extension: bytes = b""

    def packet(self, payload: bytes, timestamp: int, marker: bool = False) -> bytes:
        head = struct.pack(
            "!BBHII",
            0x90 if self.extension else 0x80,
            self.payload_type | (0x80 if marker else 0),
            self.sequence & 0xFFFF,
            timestamp & 0xFFFF_FFFF,
            self.ssrc,
        )
        self.sequence += 1
        return head + self.extension + payload

    def picture(self, vp8: bytes, timestamp: int, picture_id: int) -> list[bytes]:
        """Return the packets of one coded picture (RFC 7741 §4)."""
        pieces = [vp8[start : start + MTU] for start in range(0, len(vp8), MTU)]
        tail = struct.pack("!BH", 0x80, 0x8000 | picture_id & 0x7FFF)
        return [
            self.packet(
                (b"\x90" if i == 0 else b"\x80") + tail + piece,
                timestamp,
                marker=i == len(pieces) - 1,
            )
            for i, piece in enumerate(pieces)
        ]


def publisher_extension(
    mid_id: int | None, mid: str, level_id: int | None = None, level_dbov: int = -25
) -> bytes:
    """Return the header extension that a browser sends: which m-section, how loud."""
    elements = [(mid_id, mid.encode())] if mid_id else []
    if level_id:
        elements.append((level_id, bytes([0x80 | -level_dbov])))
    return header_extension(elements) if elements else b""


def word_errors(said: str, heard: str) -> float:
    """Return the share of words that were added, lost or changed."""
    a, b = said.lower().split(), heard.lower().split()
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1] / max(len(a), 1)
