"""Thirty files that say they are recordings, by name, and what is wrong with each."""

import io
import struct
from collections.abc import Iterator

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from tests.posts.media.hostile_pictures import picture
from tests.posts.sounds import SPEECH, tone

RATE_HZ = 8000


def encoded(form: str, codec: str, seconds: float, tracks: int = 1) -> bytes:
    """Return silence in this container, in so many tracks."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        streams = [container.add_stream(codec, rate=48000, layout="mono") for _ in range(tracks)]
        for stream in streams:
            assert isinstance(stream, AudioStream)
            stream.bit_rate = 8000
            for second in range(max(1, int(seconds))):
                frame = AudioFrame(format="s16", layout="mono", samples=48000)
                frame.planes[0].update(bytes(96000))
                frame.sample_rate, frame.pts = 48000, second * 48000
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return out.getvalue()


def pictures_alone(form: str) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        stream = container.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame(64, 48, "yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def wav(
    channels: int = 1,
    rate_hz: int = RATE_HZ,
    claimed: int = 1000,
    sound: bytes = bytes(1000),
    bits: int = 16,
) -> bytes:
    head = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * 2 % 2**32, 2, bits)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + min(claimed, 2**32 - 37))
        + b"WAVEfmt \x10\0\0\0"
        + head
        + b"data"
        + struct.pack("<I", claimed)
        + sound
    )


def renamed() -> Iterator[tuple[str, bytes]]:
    yield "html", b"<html><script>alert(1)</script>"
    yield "elf", b"\x7fELF" + bytes(300)
    yield "picture", picture("PNG")
    yield "playlist", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    yield "concat", b"ffconcat version 1.0\nfile /etc/passwd\n"
    yield "dash", b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>'
    yield "session-description", b"v=0\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP4 127.0.0.1\r\n"
    yield "midi", b"MThd\0\0\0\x06\0\0\0\x01\0\x60"
    yield "picture-in-riff", picture("WEBP")


def broken() -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    for name, sign in (
        ("webm", b"\x1aE\xdf\xa3"),
        ("mp4", b"\0\0\0\x18ftypisom"),
        ("ogg", b"OggS\0\x02"),
        ("flac", b"fLaC\0\0\0\x22"),
        ("mp3", b"ID3\x04\0\0\0\0\0\x0a"),
    ):
        yield f"{name}-sign-and-noise", sign + bytes(range(256)) * 8
    yield "webm-head-alone", encoded("webm", "libopus", 2)[:120]
    whole = encoded("mp4", "aac", 2)
    yield "mp4-without-index", whole[: whole.index(b"moov") - 4]
    yield "mp4-index-alone", whole[:28] + whole[whole.index(b"moov") - 4 :]
    yield "ogg-cut-in-the-head", encoded("ogg", "libopus", 2)[:60]
    yield "flac-of-nothing", b"fLaC\x80\0\0\x22" + bytes(34)


def lying() -> Iterator[tuple[str, bytes]]:
    yield "wav-4-gb", wav(claimed=2**32 - 1)
    yield "wav-no-channels", wav(channels=0)
    yield "wav-65535-channels", wav(channels=65_535)
    yield "wav-no-rate", wav(rate_hz=0)
    yield "wav-4-ghz", wav(rate_hz=2**32 - 1)
    yield "wav-3-bits", wav(bits=3)
    yield "mp4-outside-file", whole_with_reference()


def whole_with_reference() -> bytes:
    """An MP4 whose data reference names a file of the machine."""
    whole = encoded("mp4", "aac", 2)
    return (
        whole.replace(b"url \0\0\0\x01", b"url \0\0\0\0", 1)[: whole.index(b"mdat") + 8]
        if b"mdat" in whole
        else whole
    )


def too_much() -> Iterator[tuple[str, bytes]]:
    yield "three-tracks", encoded("webm", "libopus", 2, tracks=3)
    yield "two-sounds", encoded("webm", "libopus", 2, tracks=2)
    yield "pictures-alone", pictures_alone("webm")
    yield "ten-minutes-in-a-few-kilobytes", encoded("webm", "libopus", 600)
    yield "143-seconds", tone(143, rate_hz=RATE_HZ)
    yield "33-megabytes", SPEECH.read_bytes() + bytes(33 * 2**20)
    yield "a-tenth-of-a-second", tone(0.1, rate_hz=RATE_HZ)


def refused() -> dict[str, bytes]:
    return dict([*renamed(), *broken(), *lying(), *too_much()])
