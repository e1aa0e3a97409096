"""One inbound stream: a participant's microphone, camera or screen, as the relay receives it."""

from struct import Struct

from media_relay.forwarding.media_kind import MediaKind
from media_relay.rtcp.clocks import CaptureClock, SenderClock
from media_relay.rtcp.keyframes import KeyFrameRequester
from media_relay.rtcp.nack import NackGenerator
from media_relay.rtp import extensions
from media_relay.rtp.packet import Writable, payload_range
from media_relay.rtp.payload import Vp8Descriptor, widen_picture_id
from media_relay.rtp.serial import Unwrapper
from media_relay.rtp.statistics import ReceiverStatistics

SEEN = 1024  # How far back a late packet is told from one that came before; a power of two.
# A longer leap ahead is a restart: it must not run through to the shared streams' numbers.
MAX_DROPOUT = 1000
SILENT_MS = 2000  # After so long without a packet nothing in between is worth asking for.

_HEADER = Struct("!xBHI")  # Marker and payload type, sequence number, timestamp.


class Track:
    """The state of one inbound stream and the fields of the packet that `on_rtp` took last.

    The packet's original numbers are kept here, because the streams that forward it write over them
    in the buffer: each writes all of its numbers anew, so one buffer serves any number of them, one
    after the other.
    """

    def __init__(
        self,
        kind: MediaKind,
        ssrc: int,
        user: str,
        *,
        level_id: int = 0,
        sender_clock: SenderClock | None = None,
    ) -> None:
        """`level_id` is the extension id of the audio level, 0 for none.

        The tracks of one publisher share a `sender_clock`, else lips and voice drift apart.
        """
        self.kind = kind
        self.ssrc = ssrc
        self.user = user
        # One more at every break in the numbers: forwarding streams then join up anew.
        self.epoch = 0
        self.nacks = NackGenerator()
        self.key_frames = KeyFrameRequester()
        self.statistics = ReceiverStatistics(kind.clock_rate)
        self.clock = CaptureClock(kind.clock_rate, sender_clock or SenderClock())
        self.is_video = kind.is_video
        self.vp8 = Vp8Descriptor()
        self.last_packet_ms: int | None = None
        self.last_key_frame_ms: int | None = None
        # The byte of RFC 6464 in the last packet; None if it had none.
        self.level: int | None = None
        # NTP timestamp and arrival, for our receiver reports.
        self.last_sender_report: tuple[int, int] | None = None

        # Extended sequence number, timestamp and second byte of the packet in hand.
        self.number = 0
        self.timestamp = 0
        self.second_byte = 0
        self.start = 0  # Where its payload begins and ends.
        self.end = 0

        self._level_id = level_id
        self._unwrapper = Unwrapper()
        self._seen = [-1] * SEEN
        self._suspect = -1  # The sequence number that would confirm a restart to lower numbers.
        self._interrupted = False

    def on_rtp(self, buf: Writable, length: int, now_ms: int) -> int:
        """Take the decrypted packet in `buf[:length]`; return its length from now on.

        0 means that it goes no further: a duplicate, or too old to place. The length shrinks by the
        header extension, or grows by one where a VP8 picture id had to be widened, so `buf` needs a
        spare byte. Raises ValueError for a packet that is not well-formed; nothing is counted then.
        """
        start, end = payload_range(buf, length)
        second, sequence, timestamp = _HEADER.unpack_from(buf)
        self.level = None
        if buf[0] & 0x10:  # There is a header extension.
            if self._level_id:
                found = extensions.find(buf, length, self._level_id)
                self.level = buf[found[0]] if found else None
            # The publisher's own must not go further, its MID above all: browsers that read a
            # foreign MID take the packet for another m-section's.
            received = length
            length = extensions.strip(buf, length)
            start += length - received
            end += length - received
        if self.is_video and start != end:
            self.vp8.read(buf, start, end)
            if self.vp8.picture_id_bits == 7:
                length = widen_picture_id(buf, self.vp8, length)
                end += 1
        number = self._place(sequence, now_ms)
        if number < 0:
            return 0
        self.number = number
        self.timestamp = timestamp
        self.second_byte = second
        self.start = start
        self.end = end
        # What the path lost stays counted as lost when it comes again: the bitrate must follow the
        # path.
        if not self.nacks.on_packet(number, now_ms):
            self.statistics.on_packet(number, timestamp, now_ms)
        self.last_packet_ms = now_ms
        if number == self._unwrapper.highest:
            self.clock.on_packet(timestamp, now_ms)
        if self.is_video and start != end and self.vp8.key_frame:
            self.last_key_frame_ms = now_ms
            self.key_frames.on_key_frame()
            self.nacks.on_key_frame(number)
        return length

    def interrupt(self) -> None:
        """Nothing of this track is taken for a while: the next packet begins anew.

        Called when it is muted or not allowed. Without this the packets of a long mute would count
        as lost, and be asked for.
        """
        self._interrupted = True

    def on_sender_report(self, ntp: int, timestamp_rtp: int, now_ms: int) -> None:
        self.clock.on_sender_report(ntp, timestamp_rtp, now_ms)
        self.last_sender_report = (ntp, now_ms)

    def is_live(self, now_ms: int) -> bool:
        """Return whether packets came within the last `SILENT_MS`."""
        return self.last_packet_ms is not None and now_ms - self.last_packet_ms <= SILENT_MS

    @property
    def starts_key_frame(self) -> bool:
        """Whether the packet in hand is the first of a key frame."""
        return self.is_video and self.start != self.end and self.vp8.key_frame

    def _place(self, sequence: int, now_ms: int) -> int:
        """Return the extended number of a packet, or -1 for a duplicate or one that is too late."""
        last = self.last_packet_ms
        if self._interrupted or (last is not None and now_ms - last > SILENT_MS):
            return self._restart(sequence)
        highest = self._unwrapper.highest
        number = self._unwrapper.unwrap(sequence)
        if highest >= 0 and number > highest + MAX_DROPOUT:
            self._unwrapper.highest = highest
            return self._restart(sequence)
        if number <= highest - SEEN:
            # A restart at lower numbers is believed only when two packets in a row say so (RFC 3550
            # appendix A.1).
            if sequence == self._suspect:
                return self._restart(sequence)
            self._suspect = (sequence + 1) & 0xFFFF
            return -1
        if self._seen[number % SEEN] == number:
            return -1
        self._seen[number % SEEN] = number
        return number

    def _restart(self, sequence: int) -> int:
        """Begin anew with this packet, in a later cycle than anything before."""
        self._interrupted = False
        self._suspect = -1
        if self._unwrapper.highest < 0:
            number = self._unwrapper.unwrap(sequence)
        else:
            number = (self._unwrapper.highest // 0x1_0000 + 2) * 0x1_0000 + sequence
            self._unwrapper.highest = number
            self.epoch += 1
            self.statistics.restart(number)
        self.nacks.restart(number)
        self._seen[number % SEEN] = number
        return number
