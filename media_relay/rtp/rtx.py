"""Retransmission in a stream of its own (RFC 4588 §4).

    | RTP header of the RTX stream | original sequence number (16 bits) | original payload |

The packet keeps header, extensions and payload; SSRC, payload type and sequence number are those of
the RTX stream.
"""

import secrets

from media_relay.rtp.packet import (
    Readable,
    Writable,
    header_length,
    payload_range,
    set_payload_type,
    set_sequence_number,
    set_ssrc,
)


class RtxStream:
    """The RTX stream of one receiver.

    Its numbers are its own, and each goes out with one content only, as the SRTP key demands.
    """

    __slots__ = ("_next", "_payload_type", "_ssrc")

    def __init__(self, payload_type: int, ssrc: int) -> None:
        self._payload_type = payload_type
        self._ssrc = ssrc
        # Below 2^15, for SRTP's rollover count to start sure.
        self._next = secrets.randbelow(0x8000)

    def wrap(self, packet: bytes) -> bytes:
        """Return the packet that repeats `packet`, which has a good header: it went out before."""
        number = self._next
        self._next = (number + 1) & 0xFFFF
        return bytes(build(packet, len(packet), self._payload_type, number, self._ssrc))


def build(packet: Readable, length: int, payload_type: int, sequence: int, ssrc: int) -> bytearray:
    """Return the RTX packet that repeats `packet`, two bytes longer.

    The marker and any padding stay. Raises ValueError if `packet` has a bad header.
    """
    start = header_length(packet, length)
    rtx = bytearray(length + 2)
    rtx[:start] = packet[:start]
    rtx[start : start + 2] = packet[2:4]  # The original sequence number.
    rtx[start + 2 :] = packet[start:length]
    set_payload_type(rtx, payload_type)
    set_sequence_number(rtx, sequence)
    set_ssrc(rtx, ssrc)
    return rtx


def restore(buf: Writable, length: int, payload_type: int, ssrc: int) -> int:
    """Turn an RTX packet back into the original, in place, and return its length: two bytes less.

    Returns 0 for a packet that repeats nothing: browsers probe the path with padding on the RTX
    stream. Raises ValueError if the header is bad or the payload too short for a sequence number.
    """
    start, end = payload_range(buf, length)
    if start == end:
        return 0
    if end - start < 2:
        raise ValueError("RTX payload is truncated")
    original = buf[start] << 8 | buf[start + 1]
    buf[start : length - 2] = bytes(buf[start + 2 : length])
    set_payload_type(buf, payload_type)
    set_sequence_number(buf, original)
    set_ssrc(buf, ssrc)
    return length - 2
