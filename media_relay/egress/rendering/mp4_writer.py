"""The MP4 being written: H.264 of changing rate, AAC, chapters."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from media_relay.egress.rendering.mixer import RATE, SAMPLE_BYTES
from media_relay.egress.rendering.still_images import HEIGHT, WIDTH

VIDEO_HZ = 90_000
KEY_EVERY_MS = 5000  # A seek lands at most so far before its goal.
AUDIO_BPS = 96_000
# Talking heads and still cards; a viewer at 720p sees no difference to better ones at three times
# the CPU.
X264 = {"preset": "veryfast", "crf": "27", "threads": "2"}
FASTSTART = {"movflags": "+faststart"}


@dataclass
class Chapter:
    """A part of the talk, named after who speaks in it."""

    start_ms: int
    end_ms: int
    participant: str
    name: str


class Mp4Writer:
    """`show` and `hear` take what is next on either line; both begin at 0."""

    def __init__(
        self, path: Path, title: str, chapters: Sequence[Chapter], *, video: bool = True
    ) -> None:
        self._container = av.open(str(path), "w", format="mp4", options=FASTSTART)
        self._container.metadata["title"] = title
        self._video: VideoStream | None = None
        if video:
            stream = self._container.add_stream("libx264", rate=30, options=X264)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            stream.codec_context.time_base = stream.time_base = Fraction(1, VIDEO_HZ)
            self._video = stream
        self._audio = audio_stream(self._container)
        self._resampler = av.AudioResampler(
            format="fltp", layout="mono", rate=RATE, frame_size=1024
        )
        self._samples = 0
        self._key_ms = -KEY_EVERY_MS
        self._container.set_chapters(
            [
                {
                    "id": number,
                    "start": chapter.start_ms,
                    "end": chapter.end_ms,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": chapter.name},
                }
                for number, chapter in enumerate(chapters)
            ]
        )

    def show(self, frame: av.VideoFrame, at_ms: int, cut: bool = False) -> None:
        """Show a picture of the canvas's size from `at_ms` on; `cut` if it has nothing in common
        with the last.
        """
        assert self._video is not None
        frame.pts, frame.time_base = at_ms * VIDEO_HZ // 1000, Fraction(1, VIDEO_HZ)
        is_key = cut or at_ms - self._key_ms >= KEY_EVERY_MS
        if is_key:
            self._key_ms = at_ms
        frame.pict_type = (
            av.video.frame.PictureType.I if is_key else av.video.frame.PictureType.NONE
        )
        self._container.mux(self._video.encode(frame))

    def hear(self, pcm: bytes) -> None:
        if not pcm:
            return
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // SAMPLE_BYTES)
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
        self._samples += frame.samples
        for piece in self._resampler.resample(frame):
            self._container.mux(self._audio.encode(piece))

    def close(self) -> None:
        """Write what is still on its way and the index, which goes to the front."""
        for piece in self._resampler.resample(None):
            self._container.mux(self._audio.encode(piece))
        self._container.mux(self._audio.encode(None))
        if self._video is not None:
            self._container.mux(self._video.encode(None))
        self._container.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._container.close()


def audio_stream(container: av.container.OutputContainer) -> AudioStream:
    stream = container.add_stream("aac", rate=RATE)
    assert isinstance(stream, AudioStream)
    stream.codec_context.layout, stream.codec_context.format = "mono", "fltp"
    stream.bit_rate = AUDIO_BPS
    return stream


def copy_audio(source: Path, target: Path) -> None:
    """Write the sound of an MP4 as a file of its own, as it is."""
    with (
        av.open(str(source)) as movie,
        av.open(str(target), "w", format="ipod", options=FASTSTART) as sound,
    ):
        stream = movie.streams.audio[0]
        copy = sound.add_stream_from_template(stream)
        sound.metadata.update(movie.metadata)
        sound.set_chapters(movie.chapters())
        for packet in movie.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                sound.mux(packet)
