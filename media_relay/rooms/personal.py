"""The streams of one peer that does not share the room's: on stage, or with a pin.

They have the SSRCs of the room's slots, and go on where those were when the peer got streams of its
own.
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.rewriter import StreamRewriter
from media_relay.forwarding.slot import Slot
from media_relay.forwarding.track import Track
from media_relay.protocol.relay import AUDIO_SLOTS, Assignment

FindTrack = Callable[[str | None, MediaKind], Track | None]
# Places in `SLOT_KINDS`.
VIDEO = AUDIO_SLOTS
SCREEN = AUDIO_SLOTS + 1


def point_streams(
    streams: Sequence[StreamRewriter], assignment: Assignment, find: FindTrack, now_ms: int
) -> None:
    """Point each stream, in the order of the slots, to the track of the user assigned to it."""
    users = (*assignment.audio, assignment.video, assignment.screen)
    for stream, user in zip(streams, users, strict=True):
        stream.point_to(find(user, stream.kind), now_ms)


def visible_assignment(streams: Sequence[StreamRewriter], assignment: Assignment) -> Assignment:
    """Return the assignment with the pictures that really go out.

    Until a key frame the former picture stays, and no page may put the new name on it.
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
        self.announced = Assignment()  # What the page was told last.

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
            # The source still goes out while the target waits for its key frame.
            if stream.target is not track and stream.source is not track:
                continue
            if track.is_video and not self.video_on:
                continue
            # `accept` writes into the buffer, so what is sent is a copy.
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

    def sender_reports(self, now_ms: int) -> bytes:
        """Return the sender reports of the streams that carry a track."""
        reports = [stream.sender_report(now_ms) for stream in self.streams if stream.source]
        return b"".join(report for report in reports if report is not None)

    def forget(self, track: Track) -> None:
        for stream in self.streams:
            stream.forget(track)

    def find(self, ssrc: int) -> StreamRewriter | None:
        return next((stream for stream in self.streams if stream.ssrc == ssrc), None)
