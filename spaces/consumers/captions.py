"""Captions of one room in one web process: from egress to the sockets that read along, each text
encoded once.
"""

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

import redis
from django.db import DatabaseError

from accounts.realtime.threads import in_thread
from config.limits import LIMITS
from spaces.consumers.egress_feed import feeds
from spaces.rooms import service
from spaces.rooms.encoding import dump
from spaces.rooms.errors import RoomError
from spaces.services import captions, participants
from spaces.services.captions import Line

Json = dict[str, object]
SHOW_EVERY_S = 0.2  # A partial line grows with each word; faster than this nobody reads.
SILENT_S = 10.0  # Egress says every 2 s how it is; silent for longer, it is gone.
WATCH_EVERY_S = 10.0
STATES = ("ok", "behind", "unavailable")
log = logging.getLogger(__name__)


class RoomCaptions:
    """What is being said. Nothing older than the connection to egress is ever shown as live."""

    def __init__(
        self,
        space: str,
        push_all: Callable[[str], None],
        push_readers: Callable[[str], None],
        stage: Callable[[], Collection[int]],
    ) -> None:
        self._space = space
        self._push = push_all
        self._push_readers = push_readers
        self._stage = stage
        self._lines: deque[Line] = deque(maxlen=LIMITS.captions_shown)
        self._waiting: dict[str, Json] = {}
        self._names: dict[int, str] = {}
        self._status: Json = {"status": "off", "reason": ""}
        self._heard_at: float | None = None
        self._read_since: float | None = None
        self._watched_at: float | None = None
        self._was_read = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await feeds().add(self._space, self.on_message)
        try:
            self._lines.extend(await in_thread(captions.lines, self._space, 0))
        except redis.RedisError as error:
            log.warning("The last captions of %s are lost: %s", self._space, error)

    async def stop(self) -> None:
        await feeds().discard(self._space, self.on_message)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def state(self) -> Json:
        """Return what a snapshot says of captions."""
        return {"available": self._is_available, **self._status}

    def for_reader(self) -> Json:
        """Return what somebody gets who begins to read: the last lines with it."""
        return {"type": "captions", **self.state(), "lines": [_shown(line) for line in self._lines]}

    @property
    def _is_available(self) -> bool:
        return self._status["status"] in ("ok", "behind")

    # --- from egress ------------------------------------------------------------------------------

    def on_message(self, data: bytes) -> None:
        """Take in one message of `captions:<space>` (media_relay/protocol/relay.py).

        What is no such message is dropped.
        """
        try:
            said = json.loads(data)
            if "participant" in said:
                self._on_line(said)
            elif "recording" in said:
                self._on_recording(said)
            elif said["status"] in STATES:
                self._on_status(str(said["status"]), str(said.get("reason", "")))
        except (ValueError, KeyError, TypeError) as error:
            log.warning("An unreadable caption in %s: %s", self._space, error)

    def _on_status(self, status: str, reason: str) -> None:
        self._heard_at = time.monotonic()
        self._say(status, reason)

    def _on_line(self, said: dict[str, Any]) -> None:  # Any: decoded JSON.
        """Keep the newest of each line for the next turn.

        Who has left the stage since says nothing any more.
        """
        participant = int(said["participant"])
        if participant not in self._stage():
            return
        text = str(said["text"])[: LIMITS.caption_chars]
        line = _message(
            str(said["id"]), participant, "", text, int(said["start_ms"]), final=bool(said["final"])
        )
        is_first = not self._waiting
        self._waiting[f"{participant} {line['id']}"] = line
        if is_first:
            self._begin(self._show_soon())

    def _on_recording(self, said: dict[str, Any]) -> None:  # Any: decoded JSON.
        if said["state"] == "failed":
            self._push(dump({"type": "recording.failed", "reason": str(said.get("reason", ""))}))

    # --- to the sockets ---------------------------------------------------------------------------

    async def _show_soon(self) -> None:
        await asyncio.sleep(SHOW_EVERY_S)
        await self._learn_names()
        waiting, self._waiting = self._waiting, {}
        for line in waiting.values():
            line["name"] = self._names.get(int(str(line["participant"])), "")
            self._push_readers(dump(line))
        await self._keep([line for line in waiting.values() if line["final"] and line["text"]])

    async def _learn_names(self) -> None:
        unknown = {
            int(str(line["participant"])) for line in self._waiting.values()
        } - self._names.keys()
        if not unknown:
            return
        try:
            self._names.update(await in_thread(participants.names, unknown))
        except DatabaseError as error:
            log.warning("Captions in %s go without a name: %s", self._space, error)

    async def _keep(self, finals: list[Json]) -> None:
        for said in finals:
            start_ms = int(str(said["start_ms"]))
            line = Line(
                int(str(said["participant"])), str(said["name"]), str(said["text"]), start_ms
            )
            self._lines.append(line)
            try:
                await in_thread(captions.remember, self._space, line)
            except redis.RedisError as error:
                log.warning("A caption in %s is not kept: %s", self._space, error)

    def _say(self, status: str, reason: str) -> None:
        now: Json = {"status": status, "reason": reason}
        if now == self._status:
            return
        self._status = now
        self._push(dump({"type": "captions.status", "available": self._is_available, **now}))

    # --- every second -----------------------------------------------------------------------------

    async def on_second(self, *, is_read: bool, now: float) -> None:
        """Say now and then that somebody reads along, and notice when egress has fallen silent."""
        self._read_since = (self._read_since or now) if is_read else None
        if (
            self._read_since is not None
            and now - max(self._read_since, self._heard_at or 0) > SILENT_S
        ):
            self._say("unavailable", "no_egress")
        is_due = self._watched_at is None or now - self._watched_at >= WATCH_EVERY_S
        if not is_due and is_read == self._was_read:
            return
        self._watched_at, self._was_read = now, is_read
        try:
            if await in_thread(captions.watch, self._space, is_read=is_read):
                await in_thread(service.refresh_egress, self._space)
        except (redis.RedisError, DatabaseError, RoomError) as error:
            log.warning("Nobody heard that captions are read in %s: %s", self._space, error)

    def _begin(self, work: Any) -> None:  # Any: a coroutine of whatever kind.
        task = asyncio.get_running_loop().create_task(work, name=f"captions {self._space}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _shown(line: Line) -> Json:
    return _message(str(line.start_ms), line.participant, line.name, line.text, line.start_ms)


def _message(
    id: str, participant: int, name: str, text: str, start_ms: int, *, final: bool = True
) -> Json:
    said: Json = {"id": id, "participant": participant, "name": name, "text": text, "final": final}
    return {"type": "caption", **said, "start_ms": start_ms}
