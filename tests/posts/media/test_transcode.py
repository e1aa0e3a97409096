"""Recordings as phones, computers and dictaphones make them, taken by what they hold."""

import io
import math
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from posts.media import voice_encoder
from tests.posts.media.hostile_pictures import picture
from tests.posts.media.hostile_sounds import pictures_alone

DATA = Path(__file__).with_name("data")
SECONDS = 2
MOST_S = 140


def prepared(data: bytes, tmp_path: Path, name: str = "no.name") -> voice_encoder.EncodedClip:
    path = tmp_path / name
    path.write_bytes(data)
    with path.open("rb") as file:
        voice_encoder.look(file, MOST_S)
        return voice_encoder.reencode(file, MOST_S)


def written(form: str, codec: str, rate_hz: int = 48_000, layout: str = "mono") -> bytes:
    """Two seconds of a tone in this container."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        # FFmpeg's own writer of Vorbis calls itself an experiment.
        stream = container.add_stream(codec, rate=rate_hz, options={"strict": "experimental"})
        assert isinstance(stream, AudioStream)
        stream.layout = layout
        resampler = av.AudioResampler(
            format=stream.codec_context.format,
            layout=layout,
            rate=rate_hz,
            # Encoders with frames of a fixed size take no others.
            frame_size=stream.codec_context.frame_size or None,
        )
        for frame in [*resampler.resample(tone(rate_hz)), *resampler.resample(None)]:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def tone(rate_hz: int) -> AudioFrame:
    samples = [
        int(12_000 * math.sin(n * 2 * math.pi * 440 / rate_hz)) for n in range(SECONDS * rate_hz)
    ]
    frame = AudioFrame(format="s16", layout="mono", samples=len(samples))
    frame.planes[0].update(
        struct.pack(f"<{len(samples)}h", *samples).ljust(frame.planes[0].buffer_size, b"\0")
    )
    frame.sample_rate, frame.pts = rate_hz, 0
    return frame


def wav_24() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(3)
        file.setframerate(44_100)
        values = (int(4_000_000 * math.sin(n / 16)) for n in range(SECONDS * 44_100))
        file.writeframes(b"".join(value.to_bytes(3, "little", signed=True) * 2 for value in values))
    return out.getvalue()


def id3(body: bytes) -> bytes:
    return b"ID3\x04\0\0\0\0\x01\0" + bytes(128) + body


@pytest.mark.parametrize(
    ("name", "duration_ms"),
    [("mp3_mpeg2_fff3.mp3", 3056), ("adts.aac", 3000), ("wav_8bit.wav", 3000), ("alaw.wav", 3000)],
)
def test_it_takes_mp3_mpeg2_adts_8_bit_and_a_law(
    name: str, duration_ms: int, tmp_path: Path
) -> None:
    clip = prepared((DATA / name).read_bytes(), tmp_path)
    assert abs(clip.duration_ms - duration_ms) < 100
    assert max(clip.waveform) == 100


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("24-bit wav", wav_24),
        ("24-bit wav of av", lambda: written("wav", "pcm_s24le", 96_000, "stereo")),
        ("32-bit wav", lambda: written("wav", "pcm_s32le")),
        ("float wav", lambda: written("wav", "pcm_f32le")),
        ("double wav", lambda: written("wav", "pcm_f64le")),
        ("mu-law wav", lambda: written("wav", "pcm_mulaw", 8000)),
        ("ima adpcm wav", lambda: written("wav", "adpcm_ima_wav", 22_050)),
        ("ms adpcm wav", lambda: written("wav", "adpcm_ms", 22_050)),
        ("aiff", lambda: written("aiff", "pcm_s16be", 44_100)),
        ("aifc", lambda: written("aiff", "pcm_f32be")),
        ("24-bit aiff", lambda: written("aiff", "pcm_s24be")),
        ("caf alac", lambda: written("caf", "alac")),
        ("caf pcm", lambda: written("caf", "pcm_s16be")),
        ("caf ima", lambda: written("caf", "adpcm_ima_qt")),
        ("m4a aac", lambda: written("ipod", "aac", 44_100, "stereo")),
        ("m4a alac", lambda: written("ipod", "alac")),
        ("quicktime pcm", lambda: written("mov", "pcm_s16le")),
        ("3gp", lambda: written("3gp", "aac")),
        ("adts", lambda: written("adts", "aac", 16_000)),
        ("adts with a tag", lambda: id3(written("adts", "aac"))),
        ("flac", lambda: written("flac", "flac")),
        ("flac with a tag", lambda: id3(written("flac", "flac"))),
        ("ogg opus", lambda: written("ogg", "libopus")),
        ("ogg vorbis", lambda: written("ogg", "vorbis", 48_000, "stereo")),
        ("ogg flac", lambda: written("ogg", "flac")),
        ("webm", lambda: written("webm", "libopus")),
        ("mp3", lambda: written("mp3", "libmp3lame")),
        ("mp3 mpeg 2", lambda: written("mp3", "libmp3lame", 16_000)),
        ("mp3 mpeg 2.5", lambda: written("mp3", "libmp3lame", 8_000)),
        ("mp2", lambda: written("mp2", "mp2")),
        ("au", lambda: written("au", "pcm_mulaw", 8000)),
    ],
)
def test_it_takes_what_recorders_write(
    name: str, make: Callable[[], bytes], tmp_path: Path
) -> None:
    clip = prepared(make(), tmp_path)
    assert abs(clip.duration_ms - SECONDS * 1000) < 150, f"{name}: {clip.duration_ms}"
    # A tone, all through: not silence, not noise of a wrong byte order.
    middle = clip.waveform[4:-4]
    assert min(middle) > 60, f"{name}: {middle}"


def test_it_takes_amr(tmp_path: Path) -> None:
    """No encoder here writes it: 20 ms a frame, of 13 bytes at 4.75 kbit/s (RFC 4867 section 5)."""
    clip = prepared(b"#!AMR\n" + (b"\x04" + bytes(12)) * 100, tmp_path)
    assert clip.duration_ms == 2000


def test_it_goes_by_the_content_whatever_the_name(tmp_path: Path) -> None:
    clip = prepared(written("aiff", "pcm_s16be"), tmp_path, "voice.mp3")
    assert abs(clip.duration_ms - SECONDS * 1000) < 100


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("text", lambda: b"hello, this is no sound", "not_audio"),
        ("a picture in RIFF", lambda: picture("WEBP"), "not_audio"),
        ("a film without sound", lambda: pictures_alone("webm"), "not_audio"),
        ("signature alone", lambda: b"OggS" * 9, "not_audio"),
        ("noise after a sync", lambda: b"\xff\xf3" + bytes(range(256)) * 8, "not_audio"),
        ("a codec of telephones", lambda: written("wav", "g726", 8000), "not_audio"),
        ("too long", lambda: b"#!AMR\n" + (b"\x04" + bytes(12)) * 7200, "too_long"),
    ],
)
def test_it_refuses_at_the_first_look(
    name: str, make: Callable[[], bytes], code: str, tmp_path: Path
) -> None:
    path = tmp_path / "sound"
    path.write_bytes(make())
    with path.open("rb") as file, pytest.raises(voice_encoder.UnusableClip) as refused:
        voice_encoder.look(file, MOST_S)
    assert refused.value.code == code, name
