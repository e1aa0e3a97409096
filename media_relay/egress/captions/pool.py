"""The child processes that hear, shared by all Spaces of this egress, and how far behind they are.

Children are started when the first lane opens and ended when none has been open for a while. What a
child has not worked off in `BEHIND_S` is dropped, with all that was said in it: live words are no
older than that.
"""

import asyncio
import logging
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from media_relay.egress.captions import messages
from media_relay.errors import ProtocolError

BEHIND_S = 1.5  # RULES §8: first words within 2 s, never stale text as live.
IDLE_S = 30.0
END_S = 2.0
STUCK_S = 20.0  # A child that has not caught up by then is replaced.
# Three Spaces with all their slots; pocketsphinx takes a tenth of a core for each that speaks.
LANES_PER_CHILD = 9
LEAST_WAITING = 10  # Packets; a child reports every fifth, and when there is a pause.

log = logging.getLogger(__name__)


@dataclass
class Lane:
    """One person's turn at one slot.

    `on_words(text, final, start_ms)`; `on_lost` when nothing will come any more.
    """

    number: int
    on_words: Callable[[str, bool, int], None]
    on_lost: Callable[[], None]


@dataclass
class _Child:
    process: asyncio.subprocess.Process
    reader: asyncio.Task[None] | None = None
    lanes: dict[int, Lane] = field(default_factory=dict)
    # When each packet was sent that is not worked off.
    waiting: deque[float] = field(default_factory=deque)
    behind_s: float | None = None  # Since when.
    is_ready: bool = False
    used_s: float = 0.0

    @property
    def is_behind(self) -> bool:
        return self.behind_s is not None

    def lag_s(self, now_s: float) -> float:
        return now_s - self.waiting[0] if len(self.waiting) >= LEAST_WAITING else 0.0

    def take(self, message: messages.EngineMessage) -> None:
        match message:
            case messages.EngineReady():
                self.is_ready = True
            case messages.EngineWords():
                if lane := self.lanes.get(message.lane):
                    lane.on_words(message.text, message.final, message.start_ms)
            case messages.LaneClosed():
                self.lanes.pop(message.lane, None)
            case messages.LaneLost():
                if lane := self.lanes.pop(message.lane, None):
                    lane.on_lost()
            case messages.PacketsDone():
                for _ in range(min(message.packets, len(self.waiting))):
                    self.waiting.popleft()


class Pool:
    def __init__(self, model: str, most: int) -> None:
        self._model = model
        self._most = most
        self._children: list[_Child] = []
        self._numbers = count(1)
        self._starting: asyncio.Task[None] | None = None
        self._ends: set[asyncio.Task[None]] = set()
        self._is_open = True

    async def close(self) -> None:
        self._is_open = False
        if self._starting is not None:
            self._starting.cancel()
            with suppress(asyncio.CancelledError):
                await self._starting
        await asyncio.gather(*self._ends, *(self._end(child) for child in list(self._children)))

    @property
    def is_behind(self) -> bool:
        return any(child.is_behind for child in self._children)

    @property
    def is_ready(self) -> bool:
        return any(child.is_ready for child in self._children)

    @property
    def pids(self) -> list[int]:
        return [child.process.pid for child in self._children]

    def prepare(self, language: str) -> None:
        """Have, and keep, a child with the model loaded: somebody may speak soon."""
        if self._children:
            self._children[0].used_s = time.monotonic()
        elif self._is_open and self._starting is None:
            self._starting = asyncio.create_task(self._start(language), name="captions child")

    def open(
        self, language: str, on_words: Callable[[str, bool, int], None], on_lost: Callable[[], None]
    ) -> Lane | None:
        """Return a lane; None while there is no child that can take one."""
        free = [child for child in self._children if child.is_ready and not child.is_behind]
        child = min(free, key=lambda one: len(one.lanes), default=None)
        if child is None or len(child.lanes) >= LANES_PER_CHILD:
            self._grow(language)
            return None
        if child.lanes:
            self._grow(language)
        lane = Lane(next(self._numbers), on_words, on_lost)
        child.lanes[lane.number] = lane
        self._send(
            child,
            messages.EngineRequest(lane.number, messages.RequestKind.OPEN, 0, 0, language.encode()),
        )
        return lane

    def packet(self, lane: Lane, opus: bytes, timestamp_rtp: int, at_ms: int) -> None:
        child = self._of(lane)
        if child is None:
            return
        now_s = time.monotonic()
        child.waiting.append(now_s)
        self._send(
            child,
            messages.EngineRequest(
                lane.number, messages.RequestKind.PACKET, at_ms, timestamp_rtp, opus
            ),
        )
        if child.lag_s(now_s) > BEHIND_S:
            self._drop_all(child)

    def rest(self, lane: Lane, silent_ms: int, at_ms: int) -> None:
        child = self._of(lane)
        if child is not None:
            self._send(
                child,
                messages.EngineRequest(lane.number, messages.RequestKind.REST, at_ms, silent_ms),
            )

    def close_lane(self, lane: Lane) -> None:
        """Nothing more will come: let the child say what there is."""
        child = self._of(lane)
        if child is not None:
            self._send(child, messages.EngineRequest(lane.number, messages.RequestKind.CLOSE, 0))

    def drop_lane(self, lane: Lane) -> None:
        """What it has still to say is not wanted."""
        child = self._of(lane)
        if child is not None:
            del child.lanes[lane.number]
            self._send(child, messages.EngineRequest(lane.number, messages.RequestKind.DROP, 0))

    def tick(self) -> None:
        """Drop what is late although nobody speaks any more; end children that are idle."""
        now_s = time.monotonic()
        for child in list(self._children):
            if child.lanes:
                child.used_s = now_s
            if child.is_behind and not child.waiting:
                child.behind_s = None
                log.info("Captions have caught up.")
            elif child.behind_s is not None and now_s - child.behind_s > STUCK_S:
                child.process.kill()  # Its reader sees the end.
            elif not child.is_behind and child.lag_s(now_s) > BEHIND_S:
                self._drop_all(child)
            if now_s - child.used_s > IDLE_S:
                self._children.remove(child)
                end = asyncio.create_task(self._end(child), name="captions child's end")
                self._ends.add(end)
                end.add_done_callback(self._ends.discard)

    # --- inside

    def _of(self, lane: Lane) -> _Child | None:
        return next((child for child in self._children if lane.number in child.lanes), None)

    def _send(self, child: _Child, order: messages.EngineRequest) -> None:
        if child.process.stdin is not None and not child.process.stdin.is_closing():
            child.process.stdin.write(messages.encode(order))

    def _drop_all(self, child: _Child) -> None:
        """Too late: what these lanes have still to say is not wanted.

        They may open anew once the child is free.
        """
        log.warning("Captions are behind; %d packets are dropped.", len(child.waiting))
        child.behind_s = time.monotonic()
        lanes, child.lanes = list(child.lanes.values()), {}
        for lane in lanes:
            self._send(child, messages.EngineRequest(lane.number, messages.RequestKind.DROP, 0))
            lane.on_lost()

    def _grow(self, language: str) -> None:
        if self._is_open and self._starting is None and len(self._children) < self._most:
            self._starting = asyncio.create_task(self._start(language), name="captions child")

    async def _start(self, language: str) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "media_relay.egress.captions.engine_process", self._model, language),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            log.error("No process for captions can be started: %s", error)
            return
        finally:
            self._starting = None
        child = _Child(process, used_s=time.monotonic())
        self._children.append(child)
        child.reader = asyncio.create_task(self._read(child), name="captions reader")

    async def _read(self, child: _Child) -> None:
        assert child.process.stdout is not None
        while line := await child.process.stdout.readline():
            with suppress(ProtocolError):  # A library may have something to say, too.
                child.take(messages.parse_message(line))
        if child in self._children:  # It died; whoever speaks gets a lane in another.
            log.warning("A process for captions ended.")
            self._children.remove(child)
            for lane in list(child.lanes.values()):
                lane.on_lost()
            await child.process.wait()

    async def _end(self, child: _Child) -> None:
        """Let it finish what it has, which is little, and see that it goes."""
        if child in self._children:
            self._children.remove(child)
        if child.process.stdin is not None:
            child.process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                await child.process.wait()
        except TimeoutError:
            child.process.kill()
            await child.process.wait()
        if child.reader is not None:
            await asyncio.gather(child.reader, return_exceptions=True)
