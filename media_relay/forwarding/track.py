"""One inbound stream: the microphone, camera or screen of one person, as the relay receives it."""

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

_HEADER = Struct("!xBHI")


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
        keep: frozenset[int] = frozenset(),
        sender_clock: SenderClock | None = None,
    ) -> None:
        """`level_id` is the extension id of the audio level, 0 for none; extensions not in `keep`
        do not go further.

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
        self._keep = keep
        self._unwrapper = Unwrapper()
        self._seen = [-1] * SEEN
        self._suspect = -1  # The sequence number that would confirm a restart to lower numbers.
        self._interrupted = False

    def on_rtp(self, buf: Writable, length: int, now_ms: int) -> int:
        """Take the decrypted packet in `buf[:length]`; return its length from now on, or 0 if it
        goes no further.

        0 means a duplicate or a packet too old to place. The length shrinks by the header
        extension, or grows by one where a VP8 picture id had to be widened, so `buf` needs a spare
        byte. Raises ValueError for a packet that is not well-formed; nothing is counted then.
        """
        received = length
        start, end = payload_range(buf, length)
        second, sequence, timestamp = _HEADER.unpack_from(buf)
        self.level = None
        if buf[0] & 0x10:
            length = self._take_extensions(buf, length)
            start, end = start + length - received, end + length - received
        if self.is_video and start != end:
            self.vp8.read(buf, start, end)
            if self.vp8.picture_id_bits == 7:
                length, end = widen_picture_id(buf, self.vp8, length), end + 1
        number = self._place(sequence, now_ms)
        if number < 0:
            return 0
        self.number, self.timestamp, self.second_byte, self.start, self.end = (
            number,
            timestamp,
            second,
            start,
            end,
        )
        self._account(number, timestamp, now_ms)
        return length

    def interrupt(self) -> None:
        """Nothing of this track is taken for a while (muted, not allowed): the next packet begins
        anew.

        Without this the packets of a long mute would count as lost, and be asked for.
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

    def _take_extensions(self, buf: Writable, length: int) -> int:
        """Read the level, take out what is the publisher's own (its MID above all) and return the
        new length.
        """
        if self._level_id:
            found = extensions.find(buf, length, self._level_id)
            self.level = buf[found[0]] if found else None
        if not self._keep:
            return extensions.strip(buf, length)
        extensions.keep_only(buf, length, self._keep)
        return length

    def _place(self, sequence: int, now_ms: int) -> int:
        """Return the extended number of a packet, or -1 for one that was here before or comes too
        late.
        """
        last = self.last_packet_ms
        if self._interrupted or (last is not None and now_ms - last > SILENT_MS):
            return self._restart(sequence)
        highest = self._unwrapper.highest
        number = self._unwrapper.unwrap(sequence)
        if highest >= 0 and number > highest + MAX_DROPOUT:
            self._unwrapper.highest = highest
            return self._restart(sequence)
        if number <= highest - SEEN:
            return self._far_behind(sequence)
        if self._seen[number % SEEN] == number:
            return -1
        self._seen[number % SEEN] = number
        return number

    def _far_behind(self, sequence: int) -> int:
        """Believe in a restart at lower numbers only when two packets in a row say so (RFC 3550
        appendix A.1).
        """
        if sequence == self._suspect:
            return self._restart(sequence)
        self._suspect = (sequence + 1) & 0xFFFF
        return -1

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

    def _account(self, number: int, timestamp: int, now_ms: int) -> None:
        # What the path lost stays counted as lost when it comes again: the bitrate must follow the
        # path.
        if not self.nacks.on_packet(number, now_ms):
            self.statistics.on_packet(number, timestamp, now_ms)
        self.last_packet_ms = now_ms
        if number == self._unwrapper.highest:
            self.clock.on_packet(timestamp, now_ms)
        if not self.is_video or self.start == self.end or not self.vp8.key_frame:
            return
        self.last_key_frame_ms = now_ms
        self.key_frames.on_key_frame()
        self.nacks.on_key_frame(number)
