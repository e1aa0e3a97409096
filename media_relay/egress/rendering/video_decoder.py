"""One picture slot's packets as decoded pictures."""

from collections.abc import Callable

import av
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from media_relay.egress.rendering.capture_clock import SlotCaptureClock
from media_relay.egress.reorder_buffer import HeldPacket, ReorderBuffer
from media_relay.rtp.packet import marker, payload_range
from media_relay.rtp.payload import Vp8Descriptor

MAX_FRAME_BYTES = 2 << 20
# The picture, whose, and when it was captured in microseconds.
Show = Callable[[av.VideoFrame, str, float], None]


class VideoDecoder:
    """After a loss nothing is shown until the next key frame: half a picture is worse than the last
    one.
    """

    def __init__(self, slot: int, clock: SlotCaptureClock, show: Show) -> None:
        self._slot = slot
        self._clock = clock
        self._show = show
        self._order = ReorderBuffer()
        self._ssrc = -1
        self._descriptor = Vp8Descriptor()
        decoder = av.CodecContext.create("vp8", "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.thread_count = 1  # Threads hold pictures back, and there are few cores.
        self._decoder = decoder
        self._frame = bytearray()
        self._is_key = False
        # Whether `_frame` begins with the begin of a frame and misses nothing so far.
        self._whole = False
        self._intact = False  # Whether the decoder has everything since a key frame.
        self._next = -1

    def put(self, packet: bytes, at_us: int) -> None:
        """Take a packet. Raises ValueError if it is not RTP with VP8."""
        ssrc = int.from_bytes(packet[8:12], "big")
        if ssrc != self._ssrc:
            self._ssrc, self._order, self._intact, self._whole, self._next = (
                ssrc,
                ReorderBuffer(),
                False,
                False,
                -1,
            )
        for held in self._order.put(packet, at_us):
            self._take(held)

    def finish(self) -> None:
        for held in self._order.rest():
            self._take(held)

    def _take(self, held: HeldPacket) -> None:
        if held.number != self._next:
            self._intact = self._whole = False
        self._next = held.number + 1
        start, end = payload_range(held.packet, len(held.packet))
        if start == end:
            return
        self._descriptor.read(held.packet, start, end)
        if self._descriptor.start_of_frame:
            self._frame.clear()
            self._whole, self._is_key = True, self._descriptor.key_frame
        self._frame += held.packet[start + descriptor_bytes(held.packet, start) : end]
        self._whole = self._whole and len(self._frame) <= MAX_FRAME_BYTES
        if marker(held.packet) and self._whole:
            self._decode(int.from_bytes(held.packet[4:8], "big"), held.at_us)

    def _decode(self, timestamp: int, at_us: int) -> None:
        data, self._whole = bytes(self._frame), False
        if not (self._is_key or self._intact):
            return
        try:
            pictures = self._decoder.decode(av.Packet(data))
        except (FFmpegError, ValueError):
            self._intact = False
            return
        self._intact = True
        user = self._clock.user(self._slot, at_us)
        captured_us = self._clock.capture_us(self._slot, self._ssrc, timestamp, at_us)
        for picture in pictures:
            if user is not None:
                self._show(picture, user, captured_us)


def descriptor_bytes(packet: bytes, start: int) -> int:
    """Return the length of the VP8 payload descriptor (RFC 7741 §4.2).

    `Vp8Descriptor` has accepted it before.
    """
    if not packet[start] & 0x80:
        return 1
    flags, size = packet[start + 1], 2
    if flags & 0x80:
        size += 2 if packet[start + 2] & 0x80 else 1
    return size + bool(flags & 0x40) + bool(flags & 0x30)
