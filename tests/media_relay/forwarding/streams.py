"""Outgoing streams of a slot, and frames that arrive for them."""

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.rewriter import StreamRewriter
from media_relay.rtcp.packets import SenderReport, parse
from tests.media_relay.forwarding.publisher import Publisher, Sent, forward_all


def audio() -> StreamRewriter:
    return StreamRewriter(MediaKind.MICROPHONE, 5000, first_sequence=100)


def video() -> StreamRewriter:
    return StreamRewriter(MediaKind.CAMERA, 6000, first_sequence=100)


def camera(user: str, *, sequence: int = 1, picture_id: int = 0) -> Publisher:
    return Publisher(user, MediaKind.CAMERA, per_frame=3, sequence=sequence, picture_id=picture_id)


def sequences(sent: list[Sent]) -> list[int]:
    return [one.sequence for one in sent]


def play(
    stream: StreamRewriter, publisher: Publisher, frames: int, start_ms: int, step_ms: int = 20
) -> list[Sent]:
    """Let `frames` frames arrive in time and return what went out."""
    sent: list[Sent] = []
    for index in range(frames):
        sent += forward_all(stream, publisher, publisher.frame(), start_ms + index * step_ms)
    return sent


def report(stream: StreamRewriter, now_ms: int) -> SenderReport:
    data = stream.sender_report(now_ms)
    assert data is not None
    parsed = parse(data)[0]
    assert isinstance(parsed, SenderReport)
    return parsed
