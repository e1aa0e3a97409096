"""Writing to the relay's UDP socket: to one address, or a packet or frame to 64 at once.

The workspace is one set of buffers for the whole process, small enough to stay in the processor's
cache:

    segment 0:  | slice 0 | slice 1 | … | slice 63 |    one packet, copied for each destination and
    segment 1:  | slice 0 | slice 1 | … | slice 63 |    protected in place with its key
    vector i:   | segment 0 slice i | segment 1 slice i | …    what destination i gets at once
"""

import errno
import logging
import socket
from array import array
from collections.abc import Sequence

from pylibsrtp._binding import ffi as srtp_ffi
from pylibsrtp._binding import lib as srtp

from media_relay.metrics import Drop, Metrics
from media_relay.transport import libc
from media_relay.transport.interface_filter import accept_only_from
from media_relay.transport.udp_receiver import decode_address

WIDTH = 64  # Destinations per system call.
SEGMENTS = 8  # Datagrams of one video frame that go out as one message.
SLICE_BYTES = 1408  # 1340 bytes of RTP and libsrtp's trailer.
SOCKET_BUFFER_BYTES = 4 * 1024 * 1024  # The kernel caps it at net.core.{r,w}mem_max.
KEPT_NAMES = 4096  # Then the table begins anew: addresses of those who left stay in it until then.

log = logging.getLogger(__name__)


class UdpSender:
    """`gso` says whether a frame may go out as one message; found out by `probe_gso`."""

    def __init__(self, sock: socket.socket, metrics: Metrics, *, gso: bool) -> None:
        self.socket = sock
        self.metrics = metrics
        self.gso = gso and libc.AVAILABLE
        self._names: dict[bytes, tuple[str, int]] = {}
        segment_bytes = WIDTH * SLICE_BYTES
        self._buffer = srtp_ffi.new("char[]", SEGMENTS * segment_bytes)
        self._segments = [self._buffer + s * segment_bytes for s in range(SEGMENTS)]
        self._views = [
            memoryview(srtp_ffi.buffer(segment, segment_bytes)).cast("B")
            for segment in self._segments
        ]
        # Made once: each would be an object for every packet.
        self.pointers = [
            [segment + i * SLICE_BYTES for i in range(WIDTH)] for segment in self._segments
        ]
        lengths = srtp_ffi.new("int[]", WIDTH)
        self._lengths = lengths
        self._lengths_view = memoryview(srtp_ffi.buffer(lengths)).cast("B").cast("i")
        self.length_pointers = [lengths + i for i in range(WIDTH)]
        self._scratch = srtp_ffi.new("char[]", 2048)
        self._scratch_view = memoryview(srtp_ffi.buffer(self._scratch)).cast("B")
        self._scratch_length = srtp_ffi.new("int *")
        self._segment_lengths = [0] * SEGMENTS
        if not libc.AVAILABLE:
            return
        self.vectors = libc.ffi.new("struct iovec[]", WIDTH * SEGMENTS)
        self._vector_words = memoryview(libc.ffi.buffer(self.vectors)).cast("B").cast("Q")
        for i in range(WIDTH):
            for s in range(SEGMENTS):
                self._vector_words[2 * (i * SEGMENTS + s)] = libc.address_of(self.pointers[s][i])
        self.control = libc.ffi.new("struct cmsg_segment *")
        self.control.cmsg_len = libc.CMSG_LENGTH
        self.control.cmsg_level = libc.SOL_UDP
        self.control.cmsg_type = libc.UDP_SEGMENT

    # --- one destination

    def send(self, data: bytes | memoryview, address: bytes) -> bool:
        """Send one datagram; False if it was dropped."""
        name = self._names.get(address)
        if name is None:
            if len(self._names) >= KEPT_NAMES:
                self._names.clear()
            name = self._names[address] = decode_address(address)
        try:
            self.socket.sendto(data, name)
        # Not waited for: what is late is of no use to a listener.
        except BlockingIOError:
            self.metrics.drop(Drop.SEND_BUFFER_FULL)
            return False
        except OSError:
            self.metrics.drop(Drop.SEND_REFUSED)
            return False
        self.metrics.bytes_out += len(data)
        return True

    def send_rtp(self, packet: bytes, handle: srtp_ffi.CData, address: bytes) -> bool:
        """Protect one RTP packet for one peer and send it."""
        if not self._send_protected(packet, handle, address, srtp.srtp_protect):
            return False
        self.metrics.rtp_out += 1
        return True

    def send_rtcp(self, packet: bytes, handle: srtp_ffi.CData, address: bytes) -> bool:
        """Protect one compound RTCP packet for one peer and send it."""
        if not self._send_protected(packet, handle, address, srtp.srtp_protect_rtcp):
            return False
        self.metrics.rtcp_out += 1
        return True

    def _send_protected(
        self, packet: bytes, handle: srtp_ffi.CData, address: bytes, protect: srtp_ffi.CData
    ) -> bool:
        length = len(packet)
        if length > SLICE_BYTES:
            self.metrics.drop(Drop.RTP_OVERSIZE)
            return False
        self._scratch_view[:length] = packet
        self._scratch_length[0] = length
        if protect(handle, self._scratch, self._scratch_length):
            self.metrics.drop(Drop.SRTP_SEND_FAILED)
            return False
        return self.send(self._scratch_view[: self._scratch_length[0]], address)

    # --- many destinations: called by `fanout`, once per batch

    def set_lengths(self, lengths: Sequence[int]) -> None:
        """Set the sizes on the wire of the segments of the batches that follow."""
        for segment, length in enumerate(lengths):
            if self._segment_lengths[segment] == length:
                continue
            self._segment_lengths[segment] = length
            # The lengths of this segment in all vectors: every second word, in steps of a vector.
            if libc.AVAILABLE:
                self._vector_words[2 * segment + 1 :: 2 * SEGMENTS] = array("Q", [length]) * WIDTH
        if libc.AVAILABLE:
            self.control.size = lengths[0]

    def protect(
        self, segment: int, packet: bytes, handles: list[srtp_ffi.CData], protect: srtp_ffi.CData
    ) -> list[int]:
        """Lay `packet` out once per handle and protect each copy; returns libsrtp's statuses.

        A copy whose status is not 0 is still plain text and must not be sent.
        """
        count = len(handles)
        length = len(packet)
        self._views[segment][:length] = packet
        base = self._segments[segment]
        done = 1
        while done < count:  # Doubling: six calls fill 64 slices.
            more = min(done, count - done)
            srtp_ffi.memmove(base + done * SLICE_BYTES, base, more * SLICE_BYTES)
            done += more
        self._lengths_view[:count] = array("i", [length]) * count
        return list(map(protect, handles, self.pointers[segment], self.length_pointers))

    def protected(self, segment: int, index: int) -> memoryview:
        """Return what `protect` made for one destination, until the next call."""
        start = index * SLICE_BYTES
        return self._views[segment][start : start + self._segment_lengths[segment]]

    def message_bytes(self, segments: int) -> int:
        return sum(self._segment_lengths[:segments])

    def send_many(self, headers: libc.ffi.CData, count: int) -> tuple[int, int]:
        """Hand prepared messages to the kernel.

        Returns how many it took and the error that stopped it, or 0.
        """
        taken = libc.lib.sendmmsg(self.socket.fileno(), headers, count, socket.MSG_DONTWAIT)
        if taken == count:
            return count, 0
        # sendmmsg tells why it stopped only when asked again for the message that failed.
        return (taken, 0) if taken >= 0 else (0, libc.ffi.errno)


def open_socket(host: str, port: int, interface: str = "") -> socket.socket:
    """Return the relay's one UDP socket. An IPv6 wildcard takes IPv4 too.

    With `interface` it takes only what comes in by that one.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        sock.setblocking(False)
        if interface:
            accept_only_from(sock, interface)
        sock.bind((host, port))
    except BaseException:
        sock.close()
        raise
    return sock


def probe_gso() -> bool:
    """Return whether the kernel cuts one message into datagrams (UDP_SEGMENT).

    Tried on a socket that sends to itself: some kernels and drivers only claim it.
    """
    if not libc.AVAILABLE:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.2)
        size = (4).to_bytes(2, "little")
        try:
            sock.sendmsg(
                [b"abcdefg"], [(libc.SOL_UDP, libc.UDP_SEGMENT, size)], 0, sock.getsockname()
            )
            return sock.recv(16) == b"abcd" and sock.recv(16) == b"efg"
        except OSError as error:
            log.info(
                "No UDP_SEGMENT here (%s): frames go out packet by packet.",
                errno.errorcode.get(error.errno or 0),
            )
            return False
