"""Makes all files of a replay out of a recording's folder."""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

import av

from media_relay.egress.recording.log import RecordKind
from media_relay.egress.rendering import text_tracks
from media_relay.egress.rendering.audio_decoder import AudioDecoder
from media_relay.egress.rendering.capture_clock import SlotCaptureClock
from media_relay.egress.rendering.compositor import Compositor, save_picture
from media_relay.egress.rendering.log_summary import LogSummary, summarize
from media_relay.egress.rendering.mixer import RATE, Mixer
from media_relay.egress.rendering.mp4_writer import Mp4Writer, copy_audio
from media_relay.egress.rendering.shot_list import Look, ShotList
from media_relay.egress.rendering.still_images import StillImages
from media_relay.egress.rendering.timeline import Timeline
from media_relay.egress.rendering.video_decoder import VideoDecoder
from media_relay.egress.slot_map import SCREEN, SLOTS, VIDEO
from media_relay.protocol.relay import AUDIO_SLOTS
from media_relay.redis.cascade import entries

VERSION = 1
# What is older than this on arrival has all its packets: sound can be mixed, stills be shown.
SETTLED_MS = 2000
READING_SHARE = 0.1
RENDERING_SHARE = 0.95
OnProgress = Callable[[float, str], None]


class Empty(Exception):
    """The log has nothing that could be played."""


def make(
    folder: Path, out: Path, cards: StillImages, skip_s: float, on_progress: OnProgress
) -> None:
    """Write `replay.mp4`, `audio.m4a`, `captions.vtt`, `poster.jpg` and `replay.json` into `out`.

    Files that are there from an earlier run are exchanged at the end, each in one step. Raises
    Empty, OSError and what PyAV raises.
    """
    story = summarize(folder, lambda share: on_progress(share * READING_SHARE, "reading"))
    timeline = Timeline(story.pieces, round(skip_s * 1_000_000))
    if timeline.duration_ms == 0:
        raise Empty
    out.mkdir(parents=True, exist_ok=True)
    # In the same folder, so on the same disk: a file is exchanged in one step.
    draft = out / ".draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        _write(story, timeline, cards, draft, on_progress)
        for path in sorted(draft.iterdir(), key=lambda path: path.name == "replay.json"):
            path.replace(out / path.name)  # The index last: whoever finds it finds what it names.
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    on_progress(1.0, "done")


def _write(
    story: LogSummary, timeline: Timeline, cards: StillImages, draft: Path, on_progress: OnProgress
) -> None:
    def name(user: str) -> str:
        return cards.person(user).name

    chapters = text_tracks.chapters(story, timeline, name)
    captions = text_tracks.cues(story, timeline, name)
    movie = Mp4Writer(draft / "replay.mp4", cards.title, chapters)
    rendering = Rendering(story, timeline, cards, movie)
    try:
        rendering.run(on_progress)
        movie.close()
    except BaseException:
        movie.abandon()
        raise
    on_progress(RENDERING_SHARE, "finishing")
    copy_audio(draft / "replay.mp4", draft / "audio.m4a")
    if rendering.screen.poster is not None:
        save_picture(rendering.screen.poster, draft / "poster.jpg")
    (draft / "captions.vtt").write_text(text_tracks.webvtt(captions), encoding="utf-8")
    index = {
        "version": VERSION,
        "started_at": timeline.begun_us / 1_000_000,
        "duration_ms": timeline.duration_ms,
        "has_video": rendering.pictures > 0,
        "chapters": [asdict(chapter) for chapter in chapters],
        "captions": [asdict(cue) for cue in captions],
        "notes": [asdict(note) for note in text_tracks.notes(story, timeline)],
        "gaps": [asdict(gap) for gap in timeline.gaps],
        "files": {path.name: path.stat().st_size for path in sorted(draft.iterdir())},
    }
    (draft / "replay.json").write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


class Rendering:
    """The second reading of the log: every packet goes to the decoder of its slot."""

    def __init__(
        self, story: LogSummary, timeline: Timeline, cards: StillImages, movie: Mp4Writer
    ) -> None:
        self._story = story
        self._timeline = timeline
        self._movie = movie
        self._mixer = Mixer()
        self.screen = Compositor(ShotList(story.moments, timeline), cards, movie)
        self.pictures = 0
        clock = SlotCaptureClock(story.reports, story.moments)
        self._audio_decoders = [
            AudioDecoder(slot, clock, timeline, self._mixer) for slot in range(AUDIO_SLOTS)
        ]
        self._video_decoders = {
            VIDEO: VideoDecoder(VIDEO, clock, partial(self._show, Look.CAMERA)),
            SCREEN: VideoDecoder(SCREEN, clock, partial(self._show, Look.SCREEN)),
        }

    def run(self, on_progress: OnProgress) -> None:
        done, segment_offset = 0, 0
        for count, record in enumerate(self._story.records()):
            if record.kind is RecordKind.PACKETS:
                # A damaged packet costs what came with it.
                with suppress(ValueError, IndexError):
                    for slot, packet in entries(b"P" + record.content):
                        if slot < AUDIO_SLOTS:
                            self._audio_decoders[slot].put(packet, record.at_us)
                        elif slot < SLOTS:
                            self._video_decoders[slot].put(packet, record.at_us)
            done += max(record.offset - segment_offset, 0)
            segment_offset = record.offset
            if count % 50 == 0:
                self._settle(round(self._timeline.place_us(record.at_us) / 1000) - SETTLED_MS)
                share = min(done / max(self._story.size_bytes, 1), 1.0)
                on_progress(READING_SHARE + share * (RENDERING_SHARE - READING_SHARE), "rendering")
        for audio in self._audio_decoders:
            audio.finish()
        for video in self._video_decoders.values():
            video.finish()
        self._settle(self._timeline.duration_ms)
        self.screen.finish(self._timeline.duration_ms)

    def _settle(self, until_ms: int) -> None:
        """All before `until_ms` is known: write it."""
        if until_ms <= 0:
            return
        self._movie.hear(self._mixer.take(until_ms * RATE // 1000))
        self.screen.advance(until_ms)

    def _show(self, look: Look, picture: av.VideoFrame, user: str, captured_us: float) -> None:
        self.pictures += 1
        place_ms = self._timeline.place_us(captured_us) / 1000
        if 0 <= place_ms < self._timeline.duration_ms:
            self.screen.on_picture(look, user, picture, place_ms)
