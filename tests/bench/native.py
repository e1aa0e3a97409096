"""The kernel's batch calls for datagrams, which Python's socket module does not have."""

import socket
import struct
from typing import Any

from cffi import FFI

MSG_DONTWAIT = socket.MSG_DONTWAIT
# Given as a flag: report a datagram's true length though only its head is copied.
MSG_TRUNC = socket.MSG_TRUNC
UDP_SEGMENT = 103  # linux/udp.h: the kernel cuts one message into datagrams of this size.
BATCH = 1024  # UIO_MAXIOV: sendmmsg takes no more messages at once.

ffi: Any = FFI()  # Any: cffi has no types.
ffi.cdef("""
struct iovec { void *iov_base; size_t iov_len; };
struct msghdr {
    void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
    void *msg_control; size_t msg_controllen; int msg_flags;
};
struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
int recvmmsg(int fd, struct mmsghdr *msgs, unsigned int count, int flags, void *timeout);
int sendmmsg(int fd, struct mmsghdr *msgs, unsigned int count, int flags);
""")
libc: Any = ffi.dlopen(None)


class Messages:
    """An array of messages with one buffer each, `size` bytes long and one after the other."""

    def __init__(self, count: int, size: int) -> None:
        self.count = count
        self.size = size
        self.data = ffi.new("unsigned char[]", count * size)
        self.vectors = ffi.new("struct iovec[]", count)
        self.headers = ffi.new("struct mmsghdr[]", count)
        self._view = memoryview(ffi.buffer(self.data)).cast("B")
        self._names: Any = None
        for index in range(count):
            self.vectors[index].iov_base = self.data + index * size
            self.vectors[index].iov_len = size
            self.headers[index].msg_hdr.msg_iov = self.vectors + index
            self.headers[index].msg_hdr.msg_iovlen = 1

    def address(self, ports: list[int]) -> None:
        """Send message i to port i of 127.0.0.1."""
        packed = b"".join(_sockaddr(port) for port in ports)
        self._names = ffi.new("unsigned char[]", packed)
        for index in range(len(ports)):
            self.headers[index].msg_hdr.msg_name = self._names + 16 * index
            self.headers[index].msg_hdr.msg_namelen = 16

    def send(self, fd: int) -> int:
        """Send all messages; return how many the kernel took, as a full buffer drops the rest of a
        batch.
        """
        taken = 0
        for start in range(0, self.count, BATCH):
            part = min(BATCH, self.count - start)
            taken += max(0, libc.sendmmsg(fd, self.headers + start, part, 0))
        return taken

    def bytes_at(self, offset: int, got: int) -> bytes:
        """Return byte `offset` of each of the first `got` buffers."""
        return bytes(self._view[offset : got * self.size : self.size])

    def head(self, index: int) -> bytes:
        """Return the buffer of one datagram."""
        return bytes(self._view[index * self.size : (index + 1) * self.size])

    def total_length(self, got: int) -> int:
        """Return the sum of the true lengths of the first `got` datagrams."""
        return sum(self.headers[index].msg_len for index in range(got))

    def receive(self, fd: int) -> int:
        """Take up to `count` waiting datagrams; longer ones are cut to `size`.

        Return 0 when there are none.
        """
        got = int(libc.recvmmsg(fd, self.headers, self.count, MSG_DONTWAIT | MSG_TRUNC, ffi.NULL))
        return max(0, got)


def _sockaddr(port: int) -> bytes:
    family = struct.pack("=H", socket.AF_INET)
    return family + struct.pack("!H", port) + socket.inet_aton("127.0.0.1") + bytes(8)
