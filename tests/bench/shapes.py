"""What one publisher sends in each of the three measured talks."""

from dataclasses import dataclass

SPEECH_HZ = 50
SPEECH_BYTES = 80  # Opus at about 32 kbit/s.


@dataclass(frozen=True)
class Shape:
    """Speech at 50 packets a second, and frames of `frame_packets` × `frame_bytes` at `frame_hz`."""

    name: str
    frame_hz: float = 0.0
    frame_packets: int = 0
    frame_bytes: int = 0

    @property
    def packets_per_s(self) -> float:
        return SPEECH_HZ + self.frame_hz * self.frame_packets


AUDIO = Shape("audio")
VIDEO = Shape("audio + video", frame_hz=50, frame_packets=1, frame_bytes=1000)
TALK = Shape("talk in 720p", frame_hz=30, frame_packets=5, frame_bytes=1100)
SHAPES = (AUDIO, VIDEO, TALK)


class Beat:
    """Says how often something that happens `hz` times a second has become due."""

    def __init__(self, hz: float, now: float) -> None:
        self.interval_s = 1 / hz if hz else float("inf")
        self.due_at = now if hz else self.interval_s

    def is_due(self, now: float) -> bool:
        """Return whether to act now; falls in step again after a stall of more than 200 ms instead
        of bursting.
        """
        if now < self.due_at:
            return False
        self.due_at = (
            now + self.interval_s if now > self.due_at + 0.2 else self.due_at + self.interval_s
        )
        return True
