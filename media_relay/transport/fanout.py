"""One packet, or one video frame, to every listener of a slot.

Listeners are kept in batches of 64. Each batch has its message headers laid out once; sending is
then a copy, a protect and one system call per batch. Only the names in the headers differ between
batches: all of them point into the one workspace of `udp_sender`.
"""

import errno
import time
from array import array
from collections.abc import Sequence
from typing import Protocol

from pylibsrtp._binding import ffi as srtp_ffi
from pylibsrtp._binding import lib as srtp

from media_relay.metrics import Drop
from media_relay.transport import libc
from media_relay.transport.srtp import Profile, SrtpSession
from media_relay.transport.udp_receiver import NAME_BYTES
from media_relay.transport.udp_sender import SEGMENTS, WIDTH, UdpSender

# Words of struct mmsghdr, eight bytes each:
#
#     | name | name's length | vector | its length | control | its length | flags | bytes sent |
NAME, NAME_LENGTH, VECTOR, VECTOR_LENGTH, CONTROL, CONTROL_LENGTH = range(6)
WORDS = libc.MMSGHDR_BYTES // 8

SRTCP_INDEX_BYTES = 4  # Before the tag (RFC 3711 §3.4).
FULL = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS)

_VECTOR_LENGTHS = [array("Q", [segments]) * WIDTH for segments in range(SEGMENTS + 1)]
_CONTROL_LENGTHS = [
    array("Q", [libc.CMSG_BYTES if segments > 1 else 0]) * WIDTH for segments in range(SEGMENTS + 1)
]


class Destination(Protocol):
    """A peer as the fan-out sees it: connected, with keys and an address."""

    @property
    def outbound(self) -> SrtpSession: ...

    @property
    def address(self) -> bytes: ...


class Batch:
    """Up to 64 destinations with one SRTP profile, and their prepared message headers."""

    def __init__(self, udp_sender: UdpSender) -> None:
        self.members: list[Destination] = []
        # Beside `members`, because `map` protects all copies in one call.
        self.handles: list[srtp_ffi.CData] = []
        self._segments = 0
        if not libc.AVAILABLE:
            return
        self._names = libc.ffi.new("char[]", WIDTH * NAME_BYTES)
        self._names_view = memoryview(libc.ffi.buffer(self._names)).cast("B")
        self.headers = libc.ffi.new("struct mmsghdr[]", WIDTH)
        self._words = memoryview(libc.ffi.buffer(self.headers)).cast("B").cast("Q")
        names = int(libc.ffi.cast("uintptr_t", self._names))
        vectors = int(libc.ffi.cast("uintptr_t", udp_sender.vectors))
        control = int(libc.ffi.cast("uintptr_t", udp_sender.control))
        for i in range(WIDTH):
            self._words[i * WORDS + NAME] = names + i * NAME_BYTES
            self._words[i * WORDS + VECTOR] = vectors + i * SEGMENTS * libc.IOVEC_BYTES
            self._words[i * WORDS + CONTROL] = control

    def put(self, index: int, member: Destination) -> None:
        """Set the destination at `index`, which is at most one behind the last."""
        if index == len(self.members):
            self.members.append(member)
            self.handles.append(member.outbound.handle)
        self.members[index] = member
        self.handles[index] = member.outbound.handle
        if libc.AVAILABLE:
            address = member.address
            self._names_view[index * NAME_BYTES : index * NAME_BYTES + len(address)] = address
            self._words[index * WORDS + NAME_LENGTH] = len(address)

    def pop(self) -> Destination:
        self.handles.pop()
        return self.members.pop()

    def shape(self, segments: int) -> None:
        """Make every message carry `segments` datagrams."""
        if segments != self._segments:
            self._segments = segments
            # One assignment each for all headers of the batch.
            self._words[VECTOR_LENGTH::WORDS] = _VECTOR_LENGTHS[segments]
            self._words[CONTROL_LENGTH::WORDS] = _CONTROL_LENGTHS[segments]


class Fanout:
    """The destinations that get the very same packets.

    Joining and leaving cost the same whatever their number.
    """

    def __init__(self, udp_sender: UdpSender) -> None:
        self._udp_sender = udp_sender
        self._metrics = udp_sender.metrics
        self._batches: dict[Profile, list[Batch]] = {}
        self._places: dict[Destination, tuple[Profile, Batch, int]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, member: Destination) -> bool:
        return member in self._places

    def add(self, member: Destination) -> None:
        if member in self._places:
            return
        profile = member.outbound.profile
        batches = self._batches.setdefault(profile, [])
        if not batches or len(batches[-1].members) == WIDTH:
            batches.append(Batch(self._udp_sender))
        batch = batches[-1]
        self._places[member] = (profile, batch, len(batch.members))
        batch.put(len(batch.members), member)

    def discard(self, member: Destination) -> None:
        """Take a destination out; the last one of its profile takes its place.

        So batches have no holes, and every system call is for 64 but the last.
        """
        place = self._places.pop(member, None)
        if place is None:
            return
        profile, batch, index = place
        batches = self._batches[profile]
        last = batches[-1].pop()
        if last is not member:
            self._places[last] = place
            batch.put(index, last)
        if not batches[-1].members:
            batches.pop()

    def move(self, member: Destination) -> None:
        """The member's address changed."""
        place = self._places.get(member)
        if place is not None:
            place[1].put(place[2], member)

    def send(self, packets: Sequence[bytes]) -> None:
        """Send RTP packets to every destination.

        Several packets go out as one message to each: all but the last must be equally long, the
        last no longer (udp(7), UDP_SEGMENT).
        """
        if not self._places:
            return
        started = time.perf_counter_ns()
        for profile, batches in self._batches.items():
            self._udp_sender.set_lengths([len(packet) + profile.tag_bytes for packet in packets])
            for batch in batches:
                self._metrics.rtp_out += self._send_batch(batch, packets, srtp.srtp_protect)
        self._metrics.fanout_us.add((time.perf_counter_ns() - started) // 1000)

    def send_rtcp(self, packet: bytes) -> None:
        for profile, batches in self._batches.items():
            self._udp_sender.set_lengths([len(packet) + SRTCP_INDEX_BYTES + profile.tag_bytes])
            for batch in batches:
                self._metrics.rtcp_out += self._send_batch(batch, (packet,), srtp.srtp_protect_rtcp)

    def _send_batch(self, batch: Batch, packets: Sequence[bytes], protect: srtp_ffi.CData) -> int:
        """Return how many datagrams went out. What the kernel has no room for is dropped."""
        udp_sender = self._udp_sender
        statuses = [
            udp_sender.protect(segment, packet, batch.handles, protect)
            for segment, packet in enumerate(packets)
        ]
        # A copy that was refused is still plain text, so this batch cannot go out as a whole.
        if not libc.AVAILABLE or any(map(any, statuses)):
            return self._send_singly(batch, statuses)
        segments = len(packets)
        batch.shape(segments)
        count = len(batch.members)
        position = 0
        refused = 0
        while position < count:
            taken, error = udp_sender.send_many(batch.headers + position, count - position)
            position += taken
            self._metrics.bytes_out += taken * udp_sender.message_bytes(segments)
            if error in FULL:
                self._metrics.drops[Drop.SEND_BUFFER_FULL] += (count - position) * segments
                break
            if error:
                # No route, or no GSO on that path: try the datagrams of this message one by one.
                address = batch.members[position].address
                for segment in range(segments):
                    if not udp_sender.send(udp_sender.protected(segment, position), address):
                        refused += 1
                position += 1
        if segments > 1:
            self._metrics.gso_messages += position
        return position * segments - refused

    def _send_singly(self, batch: Batch, statuses: list[list[int]]) -> int:
        """Send datagram by datagram.

        Where there is no sendmmsg, or a packet could not be protected for a destination.
        """
        sent = 0
        for segment, status in enumerate(statuses):
            for index, member in enumerate(batch.members):
                if status[index]:
                    self._metrics.drop(Drop.SRTP_SEND_FAILED)
                    continue
                data = self._udp_sender.protected(segment, index)
                sent += self._udp_sender.send(data, member.address)
        return sent
