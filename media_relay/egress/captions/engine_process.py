"""`python -m media_relay.egress.captions.engine_process`: turns Opus into words for any number of
lanes. Fed by `pool`.
"""

import logging
import os
import sys
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

from media_relay.egress.captions import messages
from media_relay.egress.captions.engine import (
    RATE,
    SAMPLE_BYTES,
    Engine,
    Heard,
    Maker,
)
from media_relay.egress.captions.engine_choice import Unavailable, find
from media_relay.egress.captions.opus_decoder import OpusDecoder
from media_relay.protocol.encoding import encode

DONE_EVERY = 5  # Packets.
# 20 ms: an engine may end one speech and begin another in a longer piece.
FEED_BYTES = RATE // 50 * SAMPLE_BYTES

log = logging.getLogger("media_relay.egress.captions.engine_process")


class EngineLane:
    """One person's turn: a decoder, an engine, and when what was fed was said."""

    def __init__(self, number: int, engine: Engine) -> None:
        self._number = number
        self._engine = engine
        self._decoder = OpusDecoder()
        self._fed_bytes = 0
        self._begun_ms: float | None = None  # The wall clock at the first sample fed.

    def hear(self, order: messages.EngineRequest) -> None:
        self._feed(self._decoder.hear(order.content, order.timestamp_rtp), order.at_ms)

    def rest(self, order: messages.EngineRequest) -> None:
        # The field carries milliseconds here.
        self._feed(self._decoder.rest(order.timestamp_rtp), order.at_ms)

    def close(self) -> None:
        self._tell(self._engine.flush())

    def _feed(self, pcm: bytes, at_ms: int) -> None:
        if not pcm:
            return
        ends_ms = (self._fed_bytes + len(pcm)) / SAMPLE_BYTES / RATE * 1000
        if (
            self._begun_ms is None
            or at_ms - ends_ms < self._begun_ms
            or at_ms - ends_ms > self._begun_ms + 500
        ):
            # The quickest packet tells best; a long pause moves it on.
            self._begun_ms = at_ms - ends_ms
        self._fed_bytes += len(pcm)
        for start in range(0, len(pcm), FEED_BYTES):
            self._tell(self._engine.feed(pcm[start : start + FEED_BYTES]))

    def _tell(self, heard: Heard | None) -> None:
        if heard is None:
            return
        start_ms = round((self._begun_ms or 0) + heard.begun_s * 1000)
        say(messages.EngineWords(self._number, heard.text, heard.final, start_ms))


class EngineRequestHandler:
    def __init__(self, model: str) -> None:
        self._model = model
        self._makers: dict[str, Maker] = {}
        self._lanes: dict[int, EngineLane] = {}
        self._done = 0
        self.given_up: set[int] = set()  # Lanes whose end has been read but not been come to.

    def take(self, order: messages.EngineRequest) -> None:
        """Obey; an engine that breaks costs its lane, not those of everybody else."""
        lane = self._lanes.get(order.lane)
        try:
            match order.kind:
                case messages.RequestKind.OPEN:
                    # The pool asked before; if it is wrong the lane stays silent.
                    with suppress(Unavailable):
                        make = self._maker(order.content.decode())
                        self._lanes[order.lane] = EngineLane(order.lane, make())
                case messages.RequestKind.PACKET:
                    # Also if no engine hears it: the pool counts what it has sent.
                    self._done += 1
                    if lane is not None and order.lane not in self.given_up:
                        lane.hear(order)
                case messages.RequestKind.REST if lane is not None:
                    lane.rest(order)
                case messages.RequestKind.CLOSE | messages.RequestKind.DROP if lane is not None:
                    del self._lanes[order.lane]
                    self.given_up.discard(order.lane)
                    if order.kind is messages.RequestKind.CLOSE:
                        lane.close()
                        say(messages.LaneClosed(order.lane))
        except Exception:
            log.exception("An engine broke")
            self._lanes.pop(order.lane, None)
            say(messages.LaneLost(order.lane))
        # Say how far this is: every few packets, and when there is a pause in them.
        is_pause = order.kind is not messages.RequestKind.PACKET
        if self._done >= DONE_EVERY or (self._done and is_pause):
            say(messages.PacketsDone(self._done))
            self._done = 0

    def prepare(self, language: str) -> None:
        """Load the model before somebody waits for it."""
        with suppress(Unavailable):
            self._maker(language)

    def _maker(self, language: str) -> Maker:
        if language not in self._makers:
            self._makers[language] = find(language, self._model)
        return self._makers[language]


def say(message: messages.EngineMessage) -> None:
    sys.stdout.buffer.write(encode(message) + b"\n")
    sys.stdout.buffer.flush()


def main(arguments: list[str]) -> int:
    """Obey until standard input ends.

    Arguments: the model's folder or "", a language to prepare for.
    """
    with suppress(OSError):
        os.nice(2)  # Words may wait for packets, never the other way round.
    child = EngineRequestHandler(arguments[0])
    child.prepare(arguments[1])
    say(messages.EngineReady())
    orders: SimpleQueue[messages.EngineRequest | None] = SimpleQueue()
    Thread(target=_read, args=(orders, child.given_up), name="orders", daemon=True).start()
    with suppress(KeyboardInterrupt, BrokenPipeError):
        while (order := orders.get()) is not None:
            child.take(order)
    return 0


def _read(orders: "SimpleQueue[messages.EngineRequest | None]", given_up: set[int]) -> None:
    """Read ahead: whoever is late learns at once which work is not wanted any more."""
    order: messages.EngineRequest | None = messages.EngineRequest(0, messages.RequestKind.REST, 0)
    while order is not None:
        order = messages.read(sys.stdin.buffer.read)
        if order is not None and order.kind is messages.RequestKind.DROP:
            given_up.add(order.lane)
        orders.put(order)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
