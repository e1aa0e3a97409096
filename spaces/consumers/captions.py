"""Captions of one room in one web process: from egress to the sockets that show them, each text
encoded once.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine

import redis
from django.db import DatabaseError
from msgspec.structs import replace

from accounts.realtime.threads import in_thread
from config.limits import LIMITS
from media_relay.protocol import egress
from media_relay.protocol.encoding import ProtocolError
from spaces.consumers.egress_feed import feeds
from spaces.consumers.recording import RoomRecording
from spaces.rooms import service
from spaces.rooms.errors import RoomError
from spaces.rooms.messages import (
    CaptionMessage,
    CaptionsMessage,
    CaptionsStatusMessage,
    RoomMessage,
)
from spaces.rooms.shapes import CaptionStatus, CaptionsView, PersonView
from spaces.rooms.snapshot import NO_CAPTIONS
from spaces.services import captions, participants
from spaces.services.captions import Line

SHOW_EVERY_S = 0.2  # A partial line grows with each word; no viewer reads faster than this.
SILENT_S = 10.0  # Egress says every 2 s how it is; silent for longer, it is gone.
WATCH_EVERY_S = 10.0
ENDED_KEPT = 100  # Lines; egress says the end of each once more 5 s later.
log = logging.getLogger(__name__)


class RoomCaptions:
    """What is being said. Nothing older than the connection to egress is ever shown as live.

    `tell_all` and `tell_readers` send a message to all sockets of the room, or to those that show
    captions; `stage` returns who is on stage now. What egress says of the `recording` comes by the
    same channel.
    """

    def __init__(
        self,
        space: str,
        tell_all: Callable[[RoomMessage], None],
        tell_readers: Callable[[RoomMessage], None],
        stage: Callable[[], Collection[int]],
    ) -> None:
        self._space = space
        self._tell_all = tell_all
        self._tell_readers = tell_readers
        self._stage = stage
        self.recording = RoomRecording(tell_all)
        self._lines: deque[Line] = deque(maxlen=LIMITS.captions_shown)
        # The newest text of each line since lines were shown last, by participant and line.
        self._unshown: dict[tuple[int, str], CaptionMessage] = {}
        self._ended: deque[tuple[int, str]] = deque(maxlen=ENDED_KEPT)
        self._names: dict[int, str] = {}
        self.state: CaptionsView = NO_CAPTIONS
        self._heard_at: float | None = None
        self._read_since: float | None = None
        self._watched_at: float | None = None
        self._was_read = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await feeds().add(self._space, self.on_message)
        # A task of its own, which waits for no Redis: REC must not stand while that is away.
        self._begin(self.recording.watch(), f"recording {self._space}")
        try:
            self._lines.extend(await in_thread(captions.lines, self._space, 0))
            if self._lines:
                # By the names of now; the lines are kept as they were said.
                speakers = {line.participant for line in self._lines}
                self._names |= await in_thread(participants.names, speakers)
        except (redis.RedisError, DatabaseError) as error:
            log.warning("The last captions of %s are lost: %s", self._space, error)

    async def stop(self) -> None:
        await feeds().discard(self._space, self.on_message)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def for_reader(self) -> CaptionsMessage:
        """Return what a viewer who begins to read gets: the last lines with the state."""
        lines = tuple(
            CaptionMessage(
                id=str(line.start_ms),
                participant=line.participant,
                name=self._names.get(line.participant, line.name),
                text=line.text,
                final=True,
                start_ms=line.start_ms,
            )
            for line in self._lines
        )
        state = self.state
        return CaptionsMessage(state.available, state.status, state.reason, lines)

    def on_renamed(self, person: PersonView) -> None:
        """Show lines from now on by another name; pages were told of those they have."""
        self._names[person.id] = person.name

    # --- from egress ------------------------------------------------------------------------------

    def on_message(self, data: bytes) -> None:
        """Take in one message of `captions:<space>` (media_relay/protocol/egress.py).

        What is no such message is dropped.
        """
        try:
            message = egress.parse_message(data)
        except ProtocolError as error:
            log.warning("An unreadable caption in %s: %s", self._space, error)
            return
        match message:
            case egress.Caption():
                self._on_line(message)
            case egress.CaptionStatus():
                self._heard_at = time.monotonic()
                self._set_state(message.status, message.reason)
            case egress.RecordingStatus():
                self.recording.on_status(message)

    def _on_line(self, caption: egress.Caption) -> None:
        """Keep the newest text of each line until lines are shown next.

        Words of a participant who has left the stage since are dropped.
        """
        if not caption.participant.isdecimal() or int(caption.participant) not in self._stage():
            return
        line = CaptionMessage(
            id=caption.id,
            participant=int(caption.participant),
            name="",  # Looked up when it is shown.
            text=caption.text[: LIMITS.caption_chars],
            final=caption.final,
            start_ms=caption.start_ms,
        )
        key = line.participant, line.id
        if key in self._ended:
            return
        if line.final:
            self._ended.append(key)
        is_first = not self._unshown
        self._unshown[key] = line
        if is_first:
            self._begin(self._show_soon(), f"captions {self._space}")

    def _begin(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- to the sockets ---------------------------------------------------------------------------

    async def _show_soon(self) -> None:
        """Send the gathered lines to the readers with the speakers' names, and keep the final ones.

        A line whose name cannot be looked up goes without one.
        """
        await asyncio.sleep(SHOW_EVERY_S)
        unknown = {line.participant for line in self._unshown.values()} - self._names.keys()
        try:
            if unknown:
                found = await in_thread(participants.names, unknown)
                # Not over what was told meanwhile: this may have been read before.
                self._names = found | self._names
        except DatabaseError as error:
            log.warning("Captions in %s go without a name: %s", self._space, error)
        # Only now, after the wait for the names: what came meanwhile is shown with these.
        unshown, self._unshown = self._unshown, {}
        shown = [
            replace(line, name=self._names.get(line.participant, "")) for line in unshown.values()
        ]
        for line in shown:
            self._tell_readers(line)
        # All are shown before any is kept, so that no line on a page waits for Redis.
        for line in shown:
            # A final line without text takes back what was shown of it.
            if not line.final or not line.text:
                continue
            kept = Line(line.participant, line.name, line.text, line.start_ms)
            self._lines.append(kept)
            try:
                await in_thread(captions.remember, self._space, kept)
            except redis.RedisError as error:
                log.warning("A caption in %s is not kept: %s", self._space, error)

    def _set_state(self, status: CaptionStatus, reason: str) -> None:
        state = CaptionsView(status in ("ok", "behind"), status, reason)
        if state == self.state:
            return
        self.state = state
        self._tell_all(CaptionsStatusMessage(state.available, state.status, state.reason))

    # --- every second -----------------------------------------------------------------------------

    async def on_second(self, *, is_read: bool, now: float) -> None:
        """Say now and then that captions are read here; notice when egress falls silent."""
        # Egress may be silent while no viewer reads, so silence counts from when reading began.
        self._read_since = (self._read_since or now) if is_read else None
        if self._read_since is not None:
            silent_since = max(self._read_since, self._heard_at or 0)
            if now - silent_since > SILENT_S:
                self._set_state("unavailable", "no_egress")
        is_due = self._watched_at is None or now - self._watched_at >= WATCH_EVERY_S
        if not is_due and is_read == self._was_read:
            return
        self._watched_at = now
        self._was_read = is_read
        try:
            # Also when what egress was told is about to run out: the sweep that renews it lives in
            # a worker, and captions must outlive that.
            if await in_thread(captions.watch, self._space, is_read=is_read):
                await in_thread(service.refresh_egress, self._space)
        except (redis.RedisError, DatabaseError, RoomError) as error:
            log.warning("Egress was not told that captions are read in %s: %s", self._space, error)
