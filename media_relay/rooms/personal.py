"""The streams of one person who does not share the room's: somebody on stage, or somebody with a
pin.

They have the SSRCs of the room's slots, and go on where those were when the person got streams of
their own.
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.rewriter import StreamRewriter
from media_relay.forwarding.slot import Slot
from media_relay.forwarding.track import Track
from media_relay.protocol.relay import AUDIO_SLOTS, Assignment

FindTrack = Callable[[str | None, MediaKind], Track | None]
VIDEO = AUDIO_SLOTS
SCREEN = AUDIO_SLOTS + 1


def users_by_slot(assignment: Assignment) -> tuple[str | None, ...]:
    """Return who is in each slot, in the order of the slots."""
    return (*assignment.audio, assignment.video, assignment.screen)


def point(
    streams: Sequence[StreamRewriter], assignment: Assignment, find: FindTrack, now_ms: int
) -> None:
    """Point each stream to the track of whoever is assigned to it."""
    for stream, user in zip(streams, users_by_slot(assignment), strict=True):
        stream.point_to(find(user, stream.kind), now_ms)


def shown(streams: Sequence[StreamRewriter], assignment: Assignment) -> Assignment:
    """Return the assignment with the pictures that really go out, so that no page puts a name on
    the former one.
    """
    return replace(assignment, video=streams[VIDEO].source_user, screen=streams[SCREEN].source_user)


class PersonalStreams:
    """One rewriter per slot."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self.streams: list[StreamRewriter] = []
        for slot in slots:
            stream = StreamRewriter(slot.kind, slot.ssrc)
            stream.continue_from(slot)
            self.streams.append(stream)
        self.video_on = True
        self.told = Assignment()  # What the page was told last.

    def accept(
        self,
        track: Track,
        view: memoryview,
        length: int,
        now_ms: int,
        send: Callable[[bytes], bool],
    ) -> None:
        """Send the packet that `track` just took, if it is for one of these streams."""
        for stream in self.streams:
            if stream.target is not track and stream.source is not track:
                continue
            if track.is_video and not self.video_on:
                continue
            if stream.accept(track, view, length, now_ms):
                send(bytes(view[:length]))

    def pause_video(self) -> None:
        """Send no picture.

        The numbers stand still meanwhile, so that nothing looks lost when it comes back.
        """
        self.video_on = False
        for stream in self.streams:
            if stream.kind.is_video:
                stream.halt()

    def resume_video(self) -> None:
        """Send pictures again, from the next key frame on, which is asked for."""
        self.video_on = True
        for stream in self.streams:
            stream.on_key_frame_request()

    def forget(self, track: Track) -> None:
        for stream in self.streams:
            stream.forget(track)

    def find(self, ssrc: int) -> StreamRewriter | None:
        return next((stream for stream in self.streams if stream.ssrc == ssrc), None)
