"""Whether what a room says of its recording is true: REC stands on every page while egress really
writes, and "paused" while it does not.
"""

import asyncio
import time
from collections.abc import Callable

from media_relay.protocol.egress import RecordingStatus
from spaces.rooms.messages import (
    RecordingFailedMessage,
    RecordingResumedMessage,
    RoomMessage,
)

# Egress says every second that it writes (`space_session.STATUS_EVERY_S`). With the second until
# the next look all know within 5 s.
SILENT_S = 3.5
LOOK_EVERY_S = 1.0
NO_EGRESS = "no_egress"


class RoomRecording:
    """`tell_all` sends a message to all sockets of the room.

    Needs neither Redis nor the database: whatever is missing, the pages are told.
    """

    def __init__(self, tell_all: Callable[[RoomMessage], None]) -> None:
        self._tell_all = tell_all
        self._is_wanted = False
        self._silent_since = 0.0  # Monotonic seconds.
        self.trouble = ""  # Why nothing is recorded; "" while it is, or is not wanted.

    def on_room(self, *, is_recorded: bool) -> None:
        """Take in what the room says: REC or not."""
        if is_recorded and not self._is_wanted:
            self._silent_since = time.monotonic()
        if not is_recorded:
            self.trouble = ""  # Pages see by the room's change that REC is over.
        self._is_wanted = is_recorded

    def on_status(self, status: RecordingStatus) -> None:
        self._silent_since = time.monotonic()
        if status.state == "failed":
            self._set_trouble(status.reason)
        elif status.state == "recording":
            self._set_trouble("")

    async def watch(self) -> None:
        """Look every second, for ever."""
        while True:
            if self._is_wanted and time.monotonic() - self._silent_since > SILENT_S:
                self._set_trouble(self.trouble or NO_EGRESS)
            await asyncio.sleep(LOOK_EVERY_S)

    def _set_trouble(self, reason: str) -> None:
        if reason == self.trouble:
            return
        self.trouble = reason
        self._tell_all(RecordingFailedMessage(reason) if reason else RecordingResumedMessage())
