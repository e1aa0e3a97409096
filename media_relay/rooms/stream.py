"""A slot of the room together with its listeners."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import Track
from media_relay.rtp.history import History
from media_relay.rtp.packet import marker, pad_to, sequence_number
from media_relay.transport.fanout import Destination, Fanout
from media_relay.transport.udp_sender import SEGMENTS, UdpSender

# A second copy so much later is not lost in the same burst, and still in time to be played.
REPEAT_S = 0.02
FRAME_HOLD_S = 0.003  # How long the packets of a frame wait for each other (DESIGN §4.3).
# Bytes. Browsers cut a frame into packets that differ by one byte; beyond this padding is waste.
MAX_PADDED = 64

Later = Callable[[float, Callable[[], object]], object]
Tap = Callable[[bytes], None]


class OutboundStream(Protocol):
    """A slot, or its mirror at another relay."""

    kind: MediaKind
    ssrc: int
    history: History

    @property
    def joinable(self) -> bool: ...

    def accept(self, track: Track, buf: memoryview, length: int, now_ms: int, /) -> bool: ...

    def burst(self, now_ms: int) -> list[bytes]: ...

    def padding(self, now_ms: int, /) -> bytes | None: ...

    def on_nack(self, lost: list[int]) -> list[bytes]: ...

    def on_key_frame_request(self) -> None: ...


class StreamListener(Destination, Protocol):
    """A peer's transport, as a stream sees it."""

    def send_rtp(self, packet: bytes) -> bool: ...


class SharedStream:
    """A slot with those who get it.

    `listeners` get every packet, `paused` only what keeps SRTP's rollover counter in step (DESIGN
    §4.3). `doubled` are those of the listeners who get every voice packet twice, because their path
    loses some.
    """

    def __init__(self, slot: OutboundStream, udp_sender: UdpSender, later: Later) -> None:
        self.slot = slot
        self.listeners = Fanout(udp_sender)
        self.paused = Fanout(udp_sender)
        self.doubled = Fanout(udp_sender)
        # Sees each packet once, finished: other relays, captions, the recorder.
        self.tap: Tap | None = None
        # Voices are one packet a frame, and without GSO to wait gains nothing.
        self._joins_frames = udp_sender.gso and slot.kind.is_video
        self._later = later
        self._waiting: set[StreamListener] = set()
        self._frame: list[bytes] = []

    # --- packets

    def accept(self, track: Track, view: memoryview, length: int, now_ms: int) -> bool:
        """Offer the packet that `track` just took; False if it is not for this slot."""
        if not self.slot.accept(track, view, length, now_ms):
            return False
        self.forward(bytes(view[:length]))
        return True

    def forward(self, packet: bytes) -> None:
        """Send a finished packet of the slot to every listener."""
        if not self._joins_frames:
            self._send((packet,))
            return
        if not self._frame:
            self._later(FRAME_HOLD_S, self.flush)
        self._frame.append(packet)
        if marker(packet) or len(self._frame) == SEGMENTS:
            self.flush()

    def pad(self, packet: bytes) -> None:
        """Send a packet of padding to every listener, also those whose picture is paused."""
        self.flush()
        self._send((packet,))
        self.paused.send((packet,))

    def flush(self) -> None:
        """Send what is held of the current frame.

        Comes before anything that reads the slot's history: a packet held here may still be padded,
        and no number may ever go out with two different contents.
        """
        if not self._frame:
            return
        frame = self._frame
        self._frame = []
        equal = equalise(frame)
        if equal is None:
            for packet in frame:
                self._send((packet,))
            return
        for before, after in zip(frame, equal, strict=True):
            if before is not after:
                self.slot.history.replace(sequence_number(after), after)
        self._send(equal)

    def _send(self, packets: tuple[bytes, ...]) -> None:
        self.listeners.send(packets)
        if len(self.doubled):
            # The very same bytes under the same number: the receiver's SRTP drops the second to
            # come.
            self._later(REPEAT_S, partial(self.doubled.send, packets))
        if self.tap is not None:
            for packet in packets:
                self.tap(packet)

    # --- listeners

    def join(self, listener: StreamListener, now_ms: int) -> None:
        """Let a peer have this slot from now on, the picture at once if it can be had."""
        if listener in self.listeners or listener in self._waiting:
            return
        if not self.slot.joinable:
            self._waiting.add(listener)  # `tick` lets it in behind the wrap.
            return
        self.flush()
        self.paused.discard(listener)
        self.listeners.add(listener)
        burst = self.slot.burst(now_ms)
        # The very packets that others had, under the newcomer's key.
        for packet in burst:
            listener.send_rtp(packet)
        if not burst:
            self.slot.on_key_frame_request()

    def pause(self, listener: StreamListener) -> None:
        """Stop sending to a peer that has this slot, so that it can come back to it."""
        self._waiting.discard(listener)
        if listener in self.listeners:
            self.listeners.discard(listener)
            self.paused.add(listener)

    def start_doubling(self, listener: StreamListener) -> None:
        """Send a listener's voices twice from now on."""
        if listener in self.listeners and not self.slot.kind.is_video:
            self.doubled.add(listener)

    def stop_doubling(self, listener: StreamListener) -> None:
        self.doubled.discard(listener)

    def leave(self, listener: StreamListener) -> None:
        self._waiting.discard(listener)
        self.listeners.discard(listener)
        self.paused.discard(listener)
        self.doubled.discard(listener)

    def move(self, listener: StreamListener) -> None:
        """A peer's address changed."""
        for fanout in (self.listeners, self.paused, self.doubled):
            fanout.move(listener)

    def find(self, listener: StreamListener, lost: list[int]) -> list[bytes]:
        """Return the packets of a NACK, the very same that went out to this listener."""
        if listener not in self.listeners:
            return []
        self.flush()
        return self.slot.on_nack(lost)

    def tick(self, now_ms: int) -> None:
        """Do what is due: rollover padding, newcomers who waited for the numbers to wrap."""
        # Between frames: what is held of one has its numbers already.
        if not self._frame and (packet := self.slot.padding(now_ms)) is not None:
            self.pad(packet)
        if self._waiting and self.slot.joinable:
            waiting = self._waiting
            self._waiting = set()
            for listener in waiting:
                self.join(listener, now_ms)


def equalise(frame: list[bytes]) -> tuple[bytes, ...] | None:
    """Return the packets of a frame padded for one message, or None if that is waste.

    All but the last become equally long and the last is no longer: the kernel cuts a message into
    pieces of one size (udp(7), UDP_SEGMENT). RTP padding is RFC 3550 §5.1.
    """
    if len(frame) == 1:
        return (frame[0],)
    longest = max(map(len, frame))
    if longest - min(map(len, frame[:-1])) > MAX_PADDED:
        return None
    equal: list[bytes] = []
    for packet in frame[:-1]:
        if len(packet) == longest:
            equal.append(packet)
            continue
        buffer = bytearray(longest)
        buffer[: len(packet)] = packet
        pad_to(buffer, len(packet), longest)
        equal.append(bytes(buffer))
    return (*equal, frame[-1])
