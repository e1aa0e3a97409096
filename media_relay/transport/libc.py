"""Many datagrams in one system call: recvmmsg and sendmmsg of the C library, and UDP_SEGMENT (GSO).

cffi's ABI mode, because users' machines have no compiler. Only for 64-bit Linux, where these
layouts are those of glibc and musl alike; elsewhere `AVAILABLE` is false and the plain calls of
`socket` do the work.
"""

import sys
from typing import Any

import cffi  # type: ignore[import-untyped,unused-ignore]  # cffi has no types of its own.
from pylibsrtp._binding import ffi as srtp_ffi

AVAILABLE = sys.platform == "linux" and sys.maxsize > 2**32 and sys.byteorder == "little"

SOL_UDP = 17
UDP_SEGMENT = 103
IOVEC_BYTES = 16
MMSGHDR_BYTES = 64
CMSG_BYTES = 24  # CMSG_SPACE(sizeof(uint16_t)): a header of 16 bytes, and the value padded to 8.
CMSG_LENGTH = 18

ffi = cffi.FFI()
ffi.cdef(
    """
    struct iovec { void *iov_base; size_t iov_len; };
    struct msghdr {
        void *msg_name; uint32_t msg_namelen;
        struct iovec *msg_iov; size_t msg_iovlen;
        void *msg_control; size_t msg_controllen;
        int msg_flags;
    };
    struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
    struct cmsg_segment {
        size_t cmsg_len; int cmsg_level; int cmsg_type;
        uint16_t size; uint16_t pad[3];
    };
    int recvmmsg(int fd, struct mmsghdr *vector, unsigned int count, int flags, void *timeout);
    int sendmmsg(int fd, struct mmsghdr *vector, unsigned int count, int flags);
    """
)
lib: Any = ffi.dlopen(None) if AVAILABLE else None  # Any: cffi's functions have no types.


def address_of(cdata: srtp_ffi.CData) -> int:
    """Return where a buffer of libsrtp's cffi lies, for the structures of this one."""
    return int(srtp_ffi.cast("uintptr_t", cdata))
