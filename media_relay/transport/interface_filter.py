"""A socket that takes only what comes in by one network interface.

A socket that is bound to all addresses can be had from the whole network. `SO_BINDTODEVICE` does
not help: what a machine sends to its own address counts there as come in by that address's
interface, and a socket that is bound to `lo` never sees it. The packet itself does come by `lo`,
which a filter in the kernel sees (classic BPF, socket(7)). What it drops does not even wake us.
"""

import ctypes
import socket
import sys
from struct import pack

LOOPBACK = "lo"
IS_AVAILABLE = sys.platform == "linux"

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h; the module `socket` does not know it.
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # linux/bpf_common.h
_INTERFACE_INDEX = 0xFFFF_F000 + 8  # SKF_AD_OFF + SKF_AD_IFINDEX of linux/filter.h.
_WHOLE_PACKET, _NOTHING = 0xFFFF_FFFF, 0


def accept_only_from(sock: socket.socket, interface: str) -> None:
    """Drop what comes in by another interface. Raises OSError where there is none of this name.

    Best before the socket is bound: what was queued before is not looked at.
    """
    program = b"".join(
        # Code, how many lines to skip if so and if not, operand.
        pack("HBBI", *line)
        for line in (
            (_LOAD_WORD, 0, 0, _INTERFACE_INDEX),
            (_JUMP_IF_EQUAL, 0, 1, socket.if_nametoindex(interface)),
            (_RETURN, 0, 0, _WHOLE_PACKET),
            (_RETURN, 0, 0, _NOTHING),
        )
    )
    buffer = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: how many lines, and where they are; the kernel copies them.
    program_head = pack("HP", len(program) // 8, ctypes.addressof(buffer))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program_head)
