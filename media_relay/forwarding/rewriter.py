"""One outgoing stream that changes its source without its receiver noticing."""

from collections.abc import Sequence
from copy import copy

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.sequence_map import NOWHERE, SequenceMap
from media_relay.forwarding.timestamp_map import TimestampMap
from media_relay.forwarding.track import Track
from media_relay.rtcp.clocks import ntp_from_ms
from media_relay.rtcp.packets import encode_sender_report
from media_relay.rtp.history import History
from media_relay.rtp.packet import Writable, set_numbers
from media_relay.rtp.payload import PICTURE_ID_CYCLE, TL0PICIDX_CYCLE

# How long the former picture may stay while the new one has no key frame (RULES §7).
VIDEO_SWITCH_MS = 1500
# Packets. Nobody repeats more; a longer gap (this stream was paused) is closed, so that SRTP's
# rollover counters stay in step.
MAX_GAP = 256
# So close before a wrap nobody begins: losing the first packets would cost them the stream.
WRAP_GUARD = 64
PERSONAL_PACKETS = {MediaKind.MICROPHONE: 128, MediaKind.CAMERA: 512, MediaKind.SCREEN: 512}


class StreamRewriter:
    """Makes one continuous stream of the tracks it is pointed to.

    Sequence numbers, timestamps and VP8 picture ids go on without a break. `target` is the track it
    shall carry, `source` the one it carries: they differ while a new picture waits for its key
    frame. This one serves one peer; `Slot` serves many.
    """

    def __init__(
        self,
        kind: MediaKind,
        ssrc: int,
        *,
        first_sequence: int = 1,
        history_packets: int | None = None,
    ) -> None:
        """`first_sequence` is best random and below 2^15.

        SRTP's rollover counter, which a receiver has to guess, then starts sure (RFC 3711 §3.3.1).
        """
        self.kind = kind
        self.ssrc = ssrc
        self.target: Track | None = None
        self.source: Track | None = None
        self.packets_sent = 0
        self.octets_sent = 0
        self.history = History(history_packets or PERSONAL_PACKETS[kind])
        self._is_video = kind.is_video
        self._numbers = SequenceMap(first_sequence)
        self._timestamp_map = TimestampMap(kind)
        self._epoch = -1
        # When the former picture goes even though no new one has come.
        self._give_up_ms: int | None = None
        self._talkspurt = False
        self._ends_frame = True
        self._picture_difference = 0
        self._tl0_difference = 0
        self._last_picture_id = 0  # As sent, of the newest packet.
        self._last_tl0picidx = 0

    def continue_from(self, other: "StreamRewriter") -> None:
        """Go on behind what `other` has sent so far, as the same stream of one listener."""
        first = other._numbers.highest + 1
        if first & 0xFFFF >= 0x1_0000 - WRAP_GUARD:
            # A receiver that begins right before a wrap may miss it, and SRTP's rollover with it.
            first = (first | 0xFFFF) + 1
        self._numbers = SequenceMap(first)
        self._timestamp_map = copy(other._timestamp_map)
        self._last_picture_id = other._last_picture_id
        self._last_tl0picidx = other._last_tl0picidx
        self.packets_sent = other.packets_sent
        self.octets_sent = other.octets_sent

    def point_to(self, track: Track | None, now_ms: int) -> None:
        """Carry `track` from now on, or nothing.

        Sound changes at once. A picture asks for a key frame and changes at it; until then the
        former one stays, for `VIDEO_SWITCH_MS` at most. Nothing stops at once.
        """
        if track is self.target:
            return
        self.target = track
        if track is None or not self._is_video:
            self.source = None
            return
        if track is self.source:
            self._give_up_ms = None
            return
        self._give_up_ms = now_ms + VIDEO_SWITCH_MS
        track.key_frames.request()

    def forget(self, track: Track) -> None:
        """`track` has ended: neither carry it nor wait for it."""
        if self.target is track:
            self.target = None
        if self.source is track:
            self.source = None

    def halt(self) -> None:
        """Stop for a while; the next packet, or key frame, of the target joins on without a gap."""
        self.source = None
        self._give_up_ms = None

    def accept(self, track: Track, buf: Writable, length: int, now_ms: int) -> bool:
        """Make the packet that `track.on_rtp` just took one of this stream, in place.

        Returns False if it is not for this stream. `buf[:length]` may have gone through other
        streams before: all that differs is written anew.
        """
        if (track is not self.source or track.epoch != self._epoch) and not self._take_over(
            track, now_ms
        ):
            return False
        if self._give_up_ms is not None and now_ms >= self._give_up_ms:
            # The new picture has not come in time; the former one must not stay any longer.
            self.source = None
            self._give_up_ms = None
            return False
        number = track.number
        if number > self._numbers.highest_source + MAX_GAP and not self._take_over(track, now_ms):
            return False
        if track.start == track.end:
            self._numbers.skip(number)  # Padding that probed the publisher's path; ours needs none.
            return False
        before = self._numbers.highest
        outgoing = self._numbers.place(number)
        if outgoing == NOWHERE:
            return False
        is_newest = outgoing > before

        # A marker on the first packet of a new voice lets the receiver's buffer adapt there (RFC
        # 3551 §4.1).
        buf[1] = track.second_byte | 0x80 if self._talkspurt else track.second_byte
        self._talkspurt = False
        set_numbers(
            buf, outgoing & 0xFFFF, self._timestamp_map.translate(track.timestamp), self.ssrc
        )
        if self._is_video:
            vp8 = track.vp8
            picture_id = (vp8.picture_id + self._picture_difference) % PICTURE_ID_CYCLE
            tl0picidx = (vp8.tl0picidx + self._tl0_difference) % TL0PICIDX_CYCLE
            if vp8.picture_id_offset:
                buf[vp8.picture_id_offset] = picture_id >> 8 | 0x80  # M: fifteen bits.
                buf[vp8.picture_id_offset + 1] = picture_id & 0xFF
            if vp8.tl0picidx_offset:
                buf[vp8.tl0picidx_offset] = tl0picidx
            if is_newest:  # What comes next goes on from these.
                self._last_picture_id = picture_id
                self._last_tl0picidx = tl0picidx
        if is_newest:
            self._timestamp_map.advance(track.timestamp, now_ms)
            self._ends_frame = track.second_byte >= 0x80

        self.packets_sent += 1
        self.octets_sent += track.end - track.start
        self.history.add(outgoing, bytes(buf[:length]))
        if self._is_video and track.vp8.key_frame:
            self.history.mark_key_frame(outgoing, now_ms)
        return True

    def on_nack(self, lost: Sequence[int]) -> list[bytes]:
        """Return the packets a receiver misses, as they were sent, if they are still here."""
        found = map(self.history.get, lost[: self.history.size])
        return [packet for packet in found if packet is not None]

    def on_key_frame_request(self) -> None:
        """The receiver cannot show what it has (PLI, FIR): ask for a key frame."""
        track = self.target or self.source
        if track is not None and self._is_video:
            track.key_frames.request()

    def sender_report(self, now_ms: int) -> bytes | None:
        """Return an RTCP sender report for this moment; None before the first packet.

        Its clock is the relay's, one for all streams, with the source's own relation of sound and
        picture.
        """
        timestamp = self._timestamp_map.now(now_ms)
        if timestamp is None:
            return None
        return encode_sender_report(
            self.ssrc, ntp_from_ms(now_ms), timestamp, self.packets_sent, self.octets_sent
        )

    @property
    def sequence_number(self) -> int:
        """The newest 16-bit sequence number sent."""
        return self._numbers.highest & 0xFFFF

    @property
    def source_user(self) -> str | None:
        """Whose sound or picture really goes out now."""
        return self.source.user if self.source else None

    def _take_over(self, track: Track, now_ms: int) -> bool:
        """Join the stream to `track` at the packet in hand, if that is possible here."""
        if track is not self.target:
            return False
        if self._is_video and not track.starts_key_frame:
            track.key_frames.request()
            return False
        if track.start == track.end:
            return False  # Padding shows nothing.
        self.source = track
        self._epoch = track.epoch
        self._give_up_ms = None
        self._talkspurt = not self._is_video
        self._numbers.anchor(track.number)
        self._timestamp_map.join(track, now_ms)
        if self._is_video:
            self._picture_difference = self._last_picture_id + 1 - track.vp8.picture_id
            self._tl0_difference = self._last_tl0picidx + 1 - track.vp8.tl0picidx
        return True
