"""Captions of one Space: a lane for everybody in an audio slot, cut by the slot map."""

import re
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from media_relay.egress.captions.engine_choice import Unavailable, require
from media_relay.egress.captions.pool import Lane, Pool
from media_relay.egress.slot_map import SlotMap
from media_relay.protocol.egress import Caption, CaptionStatus
from media_relay.rtp.packet import payload_range

# Three packets are missing: it is a pause. Discontinuous transmission sends one in 400 ms.
REST_AFTER_MS = 60
RESTED_MS = 2000  # By then every engine has ended the sentence.
CLOSE_AFTER_MS = 1500  # The last words of somebody who was muted come within this or not at all.
BEHIND_SHOWN_MS = 3000  # Said for so long after the last dropped word, lest the sign flickers.
MAX_TEXT = 1000
STARTING = CaptionStatus("unavailable", "starting")
EARLY_PACKETS = 50  # Kept while the first child starts: a second of speech is soon caught up with.


@dataclass
class _Turn:
    """One person at one slot, for as long as they are there."""

    slot: int
    user: str
    ssrc: int
    lane: Lane | None = None
    heard_ms: int = 0
    line: str = ""  # Id of the open line, "" between lines.
    text: str = ""
    start_ms: int = 0
    is_closing: bool = False
    early: deque[tuple[bytes, int, int]] = field(
        default_factory=lambda: deque(maxlen=EARLY_PACKETS)
    )


class Captioner:
    """`publish` gets each line, `on_status` each change of `status`."""

    def __init__(
        self,
        pool: Pool,
        slots: SlotMap,
        publish: Callable[[Caption], None],
        on_status: Callable[[CaptionStatus], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._slots = slots
        self._publish = publish
        self._on_status = on_status
        self._clock_ms = clock_ms
        self._language = ""
        self._turns: dict[int, _Turn] = {}
        self._closing: list[_Turn] = []
        self._behind_ms = -BEHIND_SHOWN_MS
        self._is_covered = False
        self.status = STARTING

    def use(self, language: str, model: str) -> None:
        """Caption this language from now on; `status` says whether anything covers it."""
        if language == self._language:
            return
        self.stop()
        self._language = language
        try:
            require(language, model)
        except Unavailable as error:
            self._is_covered = False
            self._set(CaptionStatus("unavailable", error.reason))
            return
        self._is_covered = True
        self._pool.prepare(language)
        self._set(CaptionStatus("ok") if self._pool.is_ready else STARTING)

    def stop(self) -> None:
        """End all lines now, with what they say."""
        for turn in [*self._turns.values(), *self._closing]:
            self._lose(turn)
        self._turns.clear()
        self._closing.clear()
        self._language = ""

    def on_assigned(self) -> None:
        """End the lines of whoever is not in their slot any more."""
        heard = dict(self._slots.heard)
        for slot, turn in list(self._turns.items()):
            if heard.get(slot) != turn.user:
                del self._turns[slot]
                self._close(turn)

    def on_packet(self, slot: int, packet: bytes) -> None:
        """Take an Opus packet of an audio slot. Raises ValueError if it is not RTP."""
        user = self._slots.user_in(slot)
        if user is None or not self._is_covered:
            return
        start, end = payload_range(packet, len(packet))
        if start == end:
            return
        now_ms = self._clock_ms()
        ssrc = int.from_bytes(packet[8:12], "big")
        turn = self._turns.get(slot)
        if turn is not None and turn.ssrc != ssrc:
            self._close(turn)  # Another home relay: its timestamps do not go on from these.
            turn = None
        if turn is None:
            turn = self._turns[slot] = _Turn(slot, user, ssrc)
        turn.heard_ms = now_ms
        turn.early.append((packet[start:end], int.from_bytes(packet[4:8], "big"), now_ms))
        if turn.lane is None:
            turn.lane = self._pool.open(
                self._language, partial(self._on_words, turn), partial(self._on_lost, turn)
            )
            if turn.lane is None and self._pool.is_ready:
                # There are children, and they have enough to do: what was said is lost.
                self._behind_ms = now_ms
                turn.early.clear()
        # A packet may be the one that shows the child to be behind; then the lane is gone.
        while turn.early and turn.lane is not None:
            self._pool.packet(turn.lane, *turn.early.popleft())

    def tick(self) -> None:
        """Called every 100 ms or so: let engines hear the silence that nobody sends."""
        now_ms = self._clock_ms()
        if self._is_covered:
            self._pool.prepare(self._language)
        for turn in self._turns.values():
            silent_ms = now_ms - turn.heard_ms
            if turn.lane is not None and REST_AFTER_MS <= silent_ms <= RESTED_MS:
                self._pool.rest(turn.lane, silent_ms, now_ms)
        if self._is_covered and (self._pool.is_ready or self.status != STARTING):
            behind = self._pool.is_behind or now_ms - self._behind_ms < BEHIND_SHOWN_MS
            self._set(CaptionStatus("behind" if behind else "ok"))
        for turn in [turn for turn in self._closing if now_ms - turn.heard_ms > CLOSE_AFTER_MS]:
            self._closing.remove(turn)
            self._lose(turn)

    # --- inside

    def _close(self, turn: _Turn) -> None:
        """The turn is over; what was said in it may still come, for a moment."""
        if turn.lane is None:
            return
        turn.is_closing, turn.heard_ms = True, self._clock_ms()
        self._closing.append(turn)
        self._pool.close_lane(turn.lane)

    def _on_words(self, turn: _Turn, text: str, final: bool, start_ms: int) -> None:
        text = clean(text)
        if not turn.line:
            if not text:
                return
            turn.line, turn.start_ms = f"{turn.user}-{secrets.token_hex(4)}", start_ms
        turn.text = text
        self._publish(Caption(turn.user, turn.line, text, final, turn.start_ms))
        if final:
            turn.line = turn.text = ""
            if turn.is_closing and turn in self._closing:
                self._closing.remove(turn)

    def _on_lost(self, turn: _Turn) -> None:
        """Its engine gave up: nothing more comes of this line."""
        self._behind_ms = self._clock_ms()
        self._lose(turn)
        self._set(CaptionStatus("behind"))

    def _lose(self, turn: _Turn) -> None:
        """End the open line with what was shown of it, which was said just so."""
        if turn.lane is not None:
            self._pool.drop_lane(turn.lane)
            turn.lane = None
        if turn.line:
            self._publish(Caption(turn.user, turn.line, turn.text, True, turn.start_ms))
            turn.line = turn.text = ""

    def _set(self, status: CaptionStatus) -> None:
        if status != self.status:
            self.status = status
            self._on_status(status)


def clean(text: str) -> str:
    """Return readable text: no control characters, no marks of an engine (<unk>, [NOISE])."""
    text = re.sub(r"<[^>]*>|\[[^\]]*\]|\([0-9]+\)|[\x00-\x1f]", " ", text)
    return " ".join(text.split())[:MAX_TEXT]
