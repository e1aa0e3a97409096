"""One audio slot's packets as sound at its place in the replay."""

import av

from media_relay.egress.captions.opus_decoder import create_opus_decoder, decode_opus
from media_relay.egress.rendering.capture_clock import SlotCaptureClock
from media_relay.egress.rendering.mixer import RATE, SAMPLE_BYTES, Mixer
from media_relay.egress.rendering.timeline import Timeline
from media_relay.egress.reorder_buffer import HeldPacket, ReorderBuffer
from media_relay.rtp.packet import payload_range
from media_relay.rtp.serial import timestamp_distance

SNAP = RATE * 15 // 1000  # So far off its place sound is moved at once, though that may be heard.
SNAP_AT_GAP = RATE * 2 // 1000  # After silence nobody hears it.
# Samples that an Opus encoder looks ahead: its sound comes out this much late (RFC 7845 §4.2).
OUR_DELAY = 312
FADE = RATE * 3 // 1000


class AudioDecoder:
    """Plays a slot into the mixer. Each stay of somebody has a decoder of its own."""

    def __init__(
        self, slot: int, clock: SlotCaptureClock, timeline: Timeline, mixer: Mixer
    ) -> None:
        self._slot = slot
        self._clock = clock
        self._timeline = timeline
        self._mixer = mixer
        self._order = ReorderBuffer()
        self._ssrc = -1
        self._stay = -1
        self._decoder = create_opus_decoder()
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        self._next_rtp: int | None = None
        self._position = 0  # Where the sample with the timestamp `_next_rtp` belongs.

    def put(self, packet: bytes, at_us: int) -> None:
        """Take a packet. Raises ValueError if it is not RTP."""
        ssrc = int.from_bytes(packet[8:12], "big")
        if ssrc != self._ssrc:
            self.finish()
            # Another home: its timestamps are its own.
            self._ssrc, self._order, self._stay = ssrc, ReorderBuffer(), -1
        for held in self._order.put(packet, at_us):
            self._play(held)

    def finish(self) -> None:
        for held in self._order.rest():
            self._play(held)

    def _play(self, held: HeldPacket) -> None:
        start, end = payload_range(held.packet, len(held.packet))
        if start == end:
            return
        timestamp = int.from_bytes(held.packet[4:8], "big")
        stay = self._clock.stay(self._slot, held.at_us)
        if stay != self._stay:
            self._stay, self._decoder, self._next_rtp = stay, create_opus_decoder(), None
        pcm = decode_opus(held.packet[start:end], self._decoder, self._resampler)
        if not pcm:
            return
        position, is_moved = self._place(timestamp, held.at_us)
        # Before the begin of the replay it is decoded only for the sake of what follows.
        if position >= 0:
            self._mixer.add(position, _fade_in(pcm) if is_moved else pcm)
        samples = len(pcm) // SAMPLE_BYTES
        self._next_rtp, self._position = (timestamp + samples) & 0xFFFF_FFFF, position + samples

    def _place(self, timestamp: int, at_us: int) -> tuple[int, bool]:
        """Return where it belongs, and whether that does not join on to what was before."""
        captured_us = self._clock.capture_us(self._slot, self._ssrc, timestamp, at_us)
        wanted = round(self._timeline.place_us(captured_us) * RATE / 1_000_000) - OUR_DELAY
        if self._next_rtp is None:
            return wanted, True
        gap = timestamp_distance(timestamp, self._next_rtp)
        joined = self._position + gap
        if abs(wanted - joined) > (SNAP_AT_GAP if gap else SNAP):
            return wanted, True
        return joined, gap != 0


def _fade_in(pcm: bytes) -> bytes:
    """Return it beginning softly: a cut wave clicks."""
    samples = memoryview(bytearray(pcm)).cast("h")
    for i in range(min(FADE, len(samples))):
        samples[i] = samples[i] * i // FADE
    return samples.tobytes()
