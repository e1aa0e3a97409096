"""The child process of posts/media/voice_encoder.py. No Django, no settings.

    python -I transcode.py FOLDER MAX_SECONDS FORMAT

It reads a recording from stdin. FORMAT is what its first bytes say: the decoder is told, so that no
playlist or other clever format is ever tried. It writes FOLDER/voice.ogg and FOLDER/voice.m4a and
prints {"duration_ms": …, "waveform": […]}. For what it cannot or will not read it prints
{"refused": "<code>"} and exits with 1. Killed by its limits it prints nothing.
"""

import io
import json
import resource
import sys
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import av.error
import av.logging
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

MEMORY_BYTES = 1024 * 1024 * 1024  # Address space; the codec libraries alone map some 300 MB of it.
CPU_S = 20  # 140 s of sound take about 2 s.
FILE_BYTES = 8 * 1024 * 1024  # Of each file written.
STREAMS = 2  # The sound, and perhaps the cover of a music file.
PACKETS = 100_000  # 140 s in the shortest Opus packets, of 2.5 ms, are 56 000.
CHANNELS = 8
RATES_HZ = range(7_000, 193_000)
RATE_HZ = 48_000
SHORTEST_MS = 400
GRACE_S = 2  # Recorders stop at their next tick, not at the very second.
WINDOW = RATE_HZ // 100  # 10 ms: one look at how loud it is.
BARS = 58
NOISE = 64  # Of 32767: the noise of an empty line.
OPUS_BPS = 32_000
AAC_BPS = 64_000

DECODERS = frozenset(
    {
        "opus",
        "libopus",
        "vorbis",
        "aac",
        "mp3",
        "mp3float",
        "flac",
        "pcm_s16le",
        "pcm_f32le",
        "alac",
    }
)


class UnusableRecording(Exception):
    """The recording is refused; the text is the code."""


def limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def transcode(data: bytes, folder: Path, most_s: int, form: str) -> dict[str, object]:
    """Write both files. Raises UnusableRecording, or an error of the codecs."""
    with av.open(io.BytesIO(data), mode="r", format=form) as source:
        stream = sound_of(source)
        with (
            av.open(str(folder / "voice.ogg"), "w", format="ogg") as ogg,
            av.open(
                str(folder / "voice.m4a"), "w", format="ipod", options={"movflags": "+faststart"}
            ) as m4a,
        ):
            outputs = (EncodedFile(ogg, "libopus", OPUS_BPS), EncodedFile(m4a, "aac", AAC_BPS))
            loud = record(samples_of(source, stream), outputs, most_s)
    duration_ms = loud.samples * 1000 // RATE_HZ
    if duration_ms < SHORTEST_MS:
        raise UnusableRecording("too_short")
    return {"duration_ms": min(duration_ms, most_s * 1000), "waveform": loud.bars()}


def sound_of(source: InputContainer) -> AudioStream:
    if len(source.streams) > STREAMS:
        raise UnusableRecording("too_many_streams")
    if len(source.streams.audio) != 1:
        raise UnusableRecording("not_audio")
    stream = source.streams.audio[0]
    codec = stream.codec_context
    if codec.name not in DECODERS:
        raise UnusableRecording("not_audio")
    if codec.channels > CHANNELS or codec.sample_rate not in RATES_HZ:
        raise UnusableRecording("not_audio")
    codec.thread_count = (
        1  # Each further thread would map memory of its own, of which there is little.
    )
    return stream


def samples_of(source: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Yield mono frames at 48 kHz.

    Broken packets are left out, as a player would; too many packets are refused.
    """
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    for count, packet in enumerate(source.demux(stream)):
        if count > PACKETS:
            raise UnusableRecording("too_long")
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            if not isinstance(frame, AudioFrame):
                raise UnusableRecording("not_audio")
            yield from resampler.resample(frame)
    yield from resampler.resample(None)


class EncodedFile:
    """A file that is written: an encoder and its container."""

    def __init__(self, container: OutputContainer, codec: str, bitrate_bps: int) -> None:
        self.container = container
        stream = container.add_stream(codec, rate=RATE_HZ)
        if not isinstance(stream, AudioStream):
            raise TypeError(f"{codec} is no codec for sound.")
        self.stream = stream
        self.stream.bit_rate = bitrate_bps
        self.stream.layout = "mono"

    def write(self, frame: AudioFrame | None) -> None:
        """None ends the file: the encoder gives out what it holds back."""
        self.container.mux(self.stream.encode(frame))


class Loudness:
    """The highest sample of every 10 ms."""

    def __init__(self) -> None:
        self.samples = 0
        self._peaks: list[int] = []
        self._rest = array("h")

    def add(self, frame: AudioFrame) -> None:
        self.samples += frame.samples
        self._rest.frombytes(bytes(frame.planes[0])[: frame.samples * 2])  # Planes are padded.
        whole = len(self._rest) // WINDOW * WINDOW
        for at in range(0, whole, WINDOW):
            window = self._rest[at : at + WINDOW]
            highest, lowest = max(window), min(window)
            self._peaks.append(max(highest, -lowest))
        self._rest = self._rest[whole:]

    def bars(self) -> list[int]:
        """Return BARS numbers from 0 to 100; the loudest bar is 100, of silence all are 0."""
        peaks = self._peaks or [0]
        edges = [round(bar * len(peaks) / BARS) for bar in range(BARS + 1)]
        means = []
        for start, end in pairwise(edges):
            # A short clip has fewer peaks than bars: then some stand for several bars.
            part = peaks[start : max(end, start + 1)] or peaks[-1:]
            means.append(sum(part) / len(part))
        loudest = max(means)
        if loudest <= NOISE:
            return [0] * BARS
        return [round(100 * mean / loudest) for mean in means]


def record(frames: Iterator[AudioFrame], outputs: tuple[EncodedFile, ...], most_s: int) -> Loudness:
    loud = Loudness()
    most_samples = (most_s + GRACE_S) * RATE_HZ
    for frame in frames:
        frame.pts = loud.samples  # Counted by us: time stamps of a file are a claim.
        loud.add(frame)
        if loud.samples > most_samples:
            raise UnusableRecording("too_long")
        for output in outputs:
            output.write(frame)
    if loud.samples == 0:
        raise UnusableRecording("not_audio")
    for output in outputs:
        output.write(None)
    return loud


def main() -> int:
    limit_resources()
    av.logging.set_level(None)
    try:
        _program, folder, most_s, form = sys.argv
        answer = transcode(sys.stdin.buffer.read(), Path(folder), int(most_s), form)
    except UnusableRecording as refusal:
        answer = {"refused": str(refusal)}
    except (av.error.FFmpegError, OSError, ValueError, OverflowError, MemoryError):
        answer = {"refused": "not_audio"}
    sys.stdout.write(json.dumps(answer))
    return 1 if "refused" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
