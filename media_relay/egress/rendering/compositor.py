"""The picture of the replay: decides which frames go into the movie, and when."""

from pathlib import Path

import av
from av.filter import Graph

from media_relay.egress.rendering.mp4_writer import Mp4Writer
from media_relay.egress.rendering.shot_list import Look, Shot, ShotList, Subject
from media_relay.egress.rendering.still_images import HEIGHT, WIDTH, StillImages

STEP_MS = 100  # So exact are cuts between still pictures; cameras have their own times.
# A still picture comes again so often, so that a seek finds it; it costs next to nothing.
REPEAT_MS = 1000
WAIT_MS = 700  # For a camera's first picture; until then the former one stays.
LEAST_APART_MS = 25
MOST_CARDS = 16
POSTER_AFTER_MS = 3000


class Compositor:
    """`on_picture` gets what cameras show, `advance` lets time pass.

    The movie gets frames in order.
    """

    def __init__(self, shots: ShotList, cards: StillImages, movie: Mp4Writer) -> None:
        self._shots = shots
        self._cards = cards
        self._movie = movie
        self._canvas = Canvas()
        self._stills: dict[Subject, av.VideoFrame] = {}
        # The newest picture of the subject being shown.
        self._held: tuple[Subject, av.VideoFrame] | None = None
        self._shown_ms = -1
        self._shown: object = None  # What the last frame was of: a subject's still, or its camera.
        self._next_ms = 0
        self.poster: av.VideoFrame | None = None

    def on_picture(self, look: Look, user: str, picture: av.VideoFrame, at_ms: float) -> None:
        """Show a camera's picture if its time has not passed and it is the subject then."""
        ms = round(at_ms)
        if ms <= self._shown_ms:
            return
        shot = self._shots.at(ms)
        if shot.subject != Subject(look, user):
            return
        self.advance(ms - 1)
        if ms < self._shown_ms + LEAST_APART_MS and self._shown == ("camera", shot.subject):
            return
        frame = self._canvas.fit(picture)
        self._held = shot.subject, frame
        self._emit(frame, ms, ("camera", shot.subject))
        if self.poster is None and ms >= POSTER_AFTER_MS:
            self.poster = self._canvas.fit(picture)

    def advance(self, until_ms: int) -> None:
        """Show what is to be shown up to there where no camera gives it."""
        while self._next_ms <= until_ms:
            ms, self._next_ms = self._next_ms, self._next_ms + STEP_MS
            if ms <= self._shown_ms:
                continue
            found = self._picture(self._shots.at(ms), ms)
            if found is None:
                continue
            kind, frame = found
            if kind != self._shown or ms - self._shown_ms >= REPEAT_MS:
                self._emit(frame, ms, kind)

    def finish(self, end_ms: int) -> None:
        self.advance(end_ms - 1)
        last_ms = max(end_ms - LEAST_APART_MS, 0)
        if last_ms > self._shown_ms:
            kind, frame = self._picture(self._shots.at(last_ms), last_ms) or self._card_of(
                self._shots.list[-1].subject
            )
            self._emit(frame, last_ms, kind)
        if self.poster is None:
            self.poster = self._still(
                self._shots.list[-1 if len(self._shots.list) == 1 else 1].subject
            )

    def _picture(self, shot: Shot, ms: int) -> tuple[object, av.VideoFrame] | None:
        """Return what stands for the shot without a new picture of a camera; None to keep what is
        there.
        """
        if shot.subject.look.slot is None:
            return shot.subject, self._still(shot.subject)
        if self._held is not None and self._held[0] == shot.subject:
            return ("camera", shot.subject), self._held[1]
        if ms - shot.start_ms < WAIT_MS and self._shown is not None:
            return None
        return self._card_of(shot.subject)

    def _card_of(self, subject: Subject) -> tuple[object, av.VideoFrame]:
        card = Subject(Look.CARD, subject.user)
        return card, self._still(card)

    def _still(self, subject: Subject) -> av.VideoFrame:
        if subject not in self._stills:
            while len(self._stills) >= MOST_CARDS:
                del self._stills[next(iter(self._stills))]
            card = (
                self._cards.opening()
                if subject.look is Look.TITLE
                else self._cards.of(subject.user)
            )
            # PyAV leaves it without types.
            frame: av.VideoFrame = av.VideoFrame.from_image(card)  # type: ignore[no-untyped-call]
            self._stills[subject] = frame.reformat(format="yuv420p")
        return self._stills[subject]

    def _emit(self, frame: av.VideoFrame, ms: int, kind: object) -> None:
        self._movie.show(frame, ms, cut=kind != self._shown)
        self._shown_ms, self._shown = ms, kind


class Canvas:
    """Fits pictures of any size into the one of the movie, without stretching them."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._graph = Graph()

    def fit(self, picture: av.VideoFrame) -> av.VideoFrame:
        if (picture.width, picture.height) != self._size:
            self._size = picture.width, picture.height
            self._graph = _graph(picture)
        picture.pts = None
        self._graph.vpush(picture)
        return self._graph.vpull()


def save_picture(frame: av.VideoFrame, path: Path) -> None:
    """Write a JPEG."""
    # PyAV leaves it without types.
    frame.to_image().save(path, format="JPEG", quality=85)  # type: ignore[no-untyped-call]


def _graph(picture: av.VideoFrame) -> Graph:
    graph = Graph()
    size = f"{WIDTH}:{HEIGHT}"
    source = graph.add(
        "buffer",
        video_size=f"{picture.width}x{picture.height}",
        pix_fmt=picture.format.name,
        time_base="1/90000",
        pixel_aspect="1/1",
    )
    graph.link_nodes(
        source,
        graph.add("scale", f"{size}:force_original_aspect_ratio=decrease:flags=bilinear"),
        graph.add("pad", f"{size}:-1:-1:color=0x0b110f"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ).configure()
    return graph
