"""The child process of posts/media/voice_encoder.py. No Django, no settings.

    python -I transcode.py look MAX_SECONDS FORMAT
    python -I transcode.py encode MAX_SECONDS FORMAT FOLDER

It reads a recording from the file that is its stdin. FORMAT is what its first bytes say: the
decoder is told, so that no playlist or other clever format is ever tried. `look` says soon whether
it can be read; `encode` writes FOLDER/voice.ogg and FOLDER/voice.m4a. Both print {"duration_ms": …,
"waveform": […]}. For what it cannot or will not read it prints {"refused": "<code>"} and exits with
1. Killed by its limits it prints nothing.
"""

import json
import os
import resource
import sys
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO

import av
import av.error
import av.logging
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

MEMORY_BYTES = 1024 * 1024 * 1024  # Address space; the codec libraries alone map some 300 MB of it.
CPU_S = 20  # 140 s of sound take about 2 s.
NICENESS = 5  # Pages go first.
FILE_BYTES = 8 * 1024 * 1024  # Of each file written.
STREAMS = 8  # The sound, and perhaps a cover, chapters, or what a phone measured meanwhile.
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

# What browsers, phones, computers and dictaphones record.
DECODERS = frozenset(
    {"opus", "libopus", "vorbis", "aac", "mp3", "mp3float", "mp2", "mp2float", "flac", "alac"}
    | {"amrnb", "amrwb", "gsm_ms", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt"}
    | {"pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw"}
    | {f"pcm_{kind}{end}" for kind in ("s16", "s24", "s32", "f32", "f64") for end in ("le", "be")}
)


class UnusableRecording(Exception):
    """The recording is refused; the text is the code."""


def limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)


def look(file: IO[bytes], most_s: int, form: str) -> dict[str, object]:
    """Say whether the recording can be read, by its beginning and the times of its packets.

    Raises UnusableRecording, or an error of the codecs.
    """
    with av.open(file, mode="r", format=form) as source:
        stream = sound_of(source)
        has_sound, first, last = False, None, 0.0
        for packet in packets_of(source, stream):
            if not has_sound:
                has_sound = any(frame for frame in decoded(packet))
            if packet.pts is not None and packet.time_base is not None:
                start = float(packet.pts * packet.time_base)
                first = start if first is None else first
                last = max(last, start + float((packet.duration or 0) * packet.time_base))
    if not has_sound:
        raise UnusableRecording("not_audio")
    duration_ms = int((last - (first or 0)) * 1000)
    if duration_ms > (most_s + GRACE_S) * 1000:
        raise UnusableRecording("too_long")
    return {"duration_ms": duration_ms, "waveform": []}


def encode(file: IO[bytes], most_s: int, form: str, folder: Path) -> dict[str, object]:
    """Write both files. Raises UnusableRecording, or an error of the codecs."""
    with av.open(file, mode="r", format=form) as source:
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
    if not source.streams.audio:
        raise UnusableRecording("not_audio")
    if len(source.streams) > STREAMS or len(source.streams.audio) > 1:
        raise UnusableRecording("too_many_streams")
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


# In quotes: the class has parameters for the type checker alone.
def packets_of(source: InputContainer, stream: AudioStream) -> Iterator["Packet[AudioStream]"]:
    """Yield the packets of the sound; too many are refused."""
    for count, packet in enumerate(source.demux(stream)):
        if count > PACKETS:
            raise UnusableRecording("too_long")
        yield packet


def decoded(packet: "Packet[AudioStream]") -> list[AudioFrame]:
    """Return the frames of a packet; none of a broken one, which a player would leave out, too."""
    try:
        return packet.decode()
    except av.error.InvalidDataError:
        return []


def samples_of(source: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Yield mono frames at 48 kHz."""
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    for packet in packets_of(source, stream):
        for frame in decoded(packet):
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
        _program, verb, most_s, form, *folder = sys.argv
        if verb == "look":
            answer = look(sys.stdin.buffer, int(most_s), form)
        else:
            answer = encode(sys.stdin.buffer, int(most_s), form, Path(*folder))
    except UnusableRecording as refusal:
        answer = {"refused": str(refusal)}
    except (av.error.FFmpegError, OSError, ValueError, OverflowError, MemoryError):
        answer = {"refused": "not_audio"}
    sys.stdout.write(json.dumps(answer))
    return 1 if "refused" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
