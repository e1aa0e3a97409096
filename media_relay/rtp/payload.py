"""VP8's payload descriptor, which the relay reads and writes over (RFC 7741 §4.2).

     0 1 2 3 4 5 6 7
    +-+-+-+-+-+-+-+-+
    |X|R|N|S|R| PID |  S with PID 0: the first packet of a frame
    +-+-+-+-+-+-+-+-+
X:  |I|L|T|K| RSV   |
I:  |M| PictureID   |  M: fifteen bits in two bytes instead of seven
L:  |   TL0PICIDX   |
T/K:|TID|Y| KEYIDX  |
    +-+-+-+-+-+-+-+-+
    |Size0|H| VER |P|  first byte of the frame itself; P = 0 in a key frame
"""

from media_relay.rtp.packet import Readable, Writable

PICTURE_ID_CYCLE = 1 << 15
TL0PICIDX_CYCLE = 1 << 8


class Vp8Descriptor:
    """The fields of one VP8 payload, read anew for every packet into the same object.

    Offsets are into the packet's buffer; 0 means that the packet does not carry the field.
    """

    __slots__ = (
        "key_frame",
        "picture_id",
        "picture_id_bits",
        "picture_id_offset",
        "start_of_frame",
        "tl0picidx",
        "tl0picidx_offset",
    )

    def __init__(self) -> None:
        self.start_of_frame = False
        self.key_frame = False  # Only ever true together with `start_of_frame`.
        self.picture_id = 0
        self.picture_id_bits = 0
        self.picture_id_offset = 0
        self.tl0picidx = 0
        self.tl0picidx_offset = 0

    def read(self, buf: Readable, start: int, end: int) -> None:
        """Read the payload in `buf[start:end]`.

        Raises ValueError if it ends with the descriptor or before.
        """
        if start >= end:
            raise ValueError("VP8 payload is empty")
        first = buf[start]
        position = start + 1
        self.picture_id_offset = self.tl0picidx_offset = self.picture_id_bits = 0
        if first & 0x80:  # X: one byte says which fields follow.
            if position >= end:
                raise ValueError("VP8 descriptor is truncated")
            flags = buf[position]
            position += 1
            if flags & 0x80:  # I
                if position + 1 >= end:
                    raise ValueError("VP8 descriptor is truncated")
                self.picture_id_offset = position
                self.picture_id = buf[position]
                self.picture_id_bits = 7
                position += 1
                if self.picture_id & 0x80:  # M: fifteen bits in two bytes.
                    self.picture_id = (self.picture_id & 0x7F) << 8 | buf[position]
                    self.picture_id_bits = 15
                    position += 1
            if flags & 0x40 and position < end:  # L
                self.tl0picidx_offset = position
                self.tl0picidx = buf[position]
                position += 1
            if flags & 0x30 and position < end:  # T or K; neither is of use here.
                position += 1
        if position >= end:
            raise ValueError("VP8 descriptor is truncated")
        # S set and PID 0; R and N may be anything.
        self.start_of_frame = first & 0x17 == 0x10
        self.key_frame = self.start_of_frame and not buf[position] & 0x01


def widen_picture_id(buf: Writable, descriptor: Vp8Descriptor, length: int) -> int:
    """Make room for a fifteen-bit picture id where the sender wrote seven bits.

    Returns the packet's new length. Streams of several senders are joined into one that needs all
    fifteen bits. The buffer needs one byte to spare; ValueError if it has none.
    """
    if descriptor.picture_id_bits != 7:
        return length
    if length >= len(buf):
        raise ValueError("no room for a longer VP8 picture id")
    offset = descriptor.picture_id_offset
    buf[offset + 1 : length + 1] = bytes(buf[offset:length])
    buf[offset] = 0x80  # M, and nothing in the upper bits: the number stays the same.
    descriptor.picture_id_bits = 15
    # What stood behind has moved by one.
    if descriptor.tl0picidx_offset:
        descriptor.tl0picidx_offset += 1
    return length + 1
