"""Reading the relay's UDP socket in batches into buffers that live as long as the process."""

import errno
import socket
import sys
from collections.abc import Iterator

from pylibsrtp._binding import ffi as srtp_ffi

from media_relay.transport import libc

BATCH = 32
# More than any datagram that is taken, so that a longer one shows as such and is not cut.
BUFFER_BYTES = 2048
NAME_BYTES = 28  # sizeof(struct sockaddr_in6), the longest.


class Datagram:
    """One receive buffer, good until the next `read`; libsrtp decrypts it in place."""

    __slots__ = ("address", "length", "length_pointer", "pointer", "view")

    def __init__(self) -> None:
        self.pointer = srtp_ffi.new("char[]", BUFFER_BYTES)
        self.view = memoryview(srtp_ffi.buffer(self.pointer)).cast("B")
        self.length_pointer = srtp_ffi.new("int *")
        self.address = b""  # The sender's raw socket address.
        self.length = 0


class UdpReceiver:
    """Takes datagrams off a non-blocking socket, up to `BATCH` per call of `read`."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._datagrams = [Datagram() for _ in range(BATCH)]
        if not libc.AVAILABLE:
            return
        self._names = libc.ffi.new("char[]", BATCH * NAME_BYTES)
        self._names_view = memoryview(libc.ffi.buffer(self._names)).cast("B")
        self._vectors = libc.ffi.new("struct iovec[]", BATCH)
        self._headers = libc.ffi.new("struct mmsghdr[]", BATCH)
        # Each index makes an object, so it is made once and not for every datagram.
        self._refs = [self._headers[i] for i in range(BATCH)]
        for i, datagram in enumerate(self._datagrams):
            self._vectors[i].iov_base = libc.ffi.cast("void *", libc.address_of(datagram.pointer))
            self._vectors[i].iov_len = BUFFER_BYTES
            header = self._headers[i].msg_hdr
            header.msg_name = self._names + i * NAME_BYTES
            header.msg_namelen = NAME_BYTES
            header.msg_iov = self._vectors + i
            header.msg_iovlen = 1

    def read(self) -> Iterator[Datagram]:
        """Yield what is waiting, at most one batch; nothing at all when the socket is empty."""
        if not libc.AVAILABLE:
            yield from self._read_one_by_one()
            return
        count = libc.lib.recvmmsg(
            self._socket.fileno(), self._headers, BATCH, socket.MSG_DONTWAIT, libc.ffi.NULL
        )
        for i in range(max(count, 0)):  # -1 stands for an error, mostly EAGAIN.
            datagram = self._datagrams[i]
            header = self._refs[i]
            start = i * NAME_BYTES
            datagram.address = bytes(self._names_view[start : start + header.msg_hdr.msg_namelen])
            datagram.length = header.msg_len
            header.msg_hdr.msg_namelen = NAME_BYTES  # The kernel wrote the sender's there.
            yield datagram

    def _read_one_by_one(self) -> Iterator[Datagram]:
        for datagram in self._datagrams:
            try:
                datagram.length, name = self._socket.recvfrom_into(datagram.view)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno == errno.ECONNREFUSED:  # An earlier datagram was answered by ICMP.
                    continue
                return
            datagram.address = encode_address(self._socket.family, name[0], name[1])
            yield datagram


def encode_address(family: int, host: str, port: int) -> bytes:
    """Return the raw socket address of a numeric host for a socket of `family`.

    sockaddr_in:   | family (16) | port (16) | IPv4 address (32) | zeros (64) |
    sockaddr_in6:  | family (16) | port (16) | flow (32) | IPv6 address (128) | scope (32) |

    An IPv4 host is mapped into IPv6 if the socket is of that family.
    """
    head = family.to_bytes(2, sys.byteorder) + port.to_bytes(2, "big")
    if family == socket.AF_INET:
        return head + socket.inet_aton(host) + bytes(8)
    mapped = host if ":" in host else f"::ffff:{host}"
    return head + bytes(4) + socket.inet_pton(socket.AF_INET6, mapped) + bytes(4)


def decode_address(address: bytes) -> tuple[str, int]:
    """Return the numeric host and port of a raw socket address."""
    port = int.from_bytes(address[2:4], "big")
    if len(address) == 16:  # sockaddr_in.
        return socket.inet_ntoa(address[4:8]), port
    return socket.inet_ntop(socket.AF_INET6, address[8:24]), port
