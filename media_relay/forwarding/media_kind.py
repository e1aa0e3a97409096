"""What a stream carries."""

from enum import StrEnum


class MediaKind(StrEnum):
    """A track is a microphone, camera or screen; a slot carries tracks of one of these kinds."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"

    @property
    def is_video(self) -> bool:
        return self is not MediaKind.MICROPHONE

    @property
    def clock_rate(self) -> int:
        return 90_000 if self.is_video else 48_000
