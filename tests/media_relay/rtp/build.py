"""Packets as publishers send them, for the tests of everything that reads or forwards RTP."""

from struct import pack

from media_relay.rtp import extensions

SSRC = 0x0A0B0C0D
MID_ID, LEVEL_ID, TRANSPORT_ID = 1, 2, 4


def rtp(
    sequence: int = 1,
    timestamp: int = 0,
    *,
    payload: bytes = b"payload",
    payload_type: int = 111,
    marker: bool = False,
    ssrc: int = SSRC,
    csrcs: tuple[int, ...] = (),
    elements: tuple[tuple[int, bytes], ...] = (),
    padding: int = 0,
) -> bytes:
    """Return one RTP packet; `padding` is the number of padding bytes."""
    first = 0x80 | (0x20 if padding else 0) | (0x10 if elements else 0) | len(csrcs)
    second = (0x80 if marker else 0) | payload_type
    head = pack("!BBHII", first, second, sequence & 0xFFFF, timestamp & 0xFFFF_FFFF, ssrc)
    head += b"".join(pack("!I", csrc) for csrc in csrcs)
    tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
    return head + (extensions.build(elements) if elements else b"") + payload + tail


def vp8_payload(
    *,
    start: bool = True,
    key: bool = False,
    picture_id: int | None = 0,
    wide: bool = True,
    tl0picidx: int | None = 0,
    temporal_layer: int = 0,
    body: bytes = b"frame",
) -> bytes:
    """Return a VP8 payload as Chromium writes it: descriptor, then the first byte of the frame,
    then `body`.
    """
    flags = (0x80 if picture_id is not None else 0) | (0x60 if tl0picidx is not None else 0)
    descriptor = bytes(((0x80 if flags else 0) | (0x10 if start else 0),))
    if flags:
        descriptor += bytes((flags,))
    if picture_id is not None:
        descriptor += pack("!H", 0x8000 | picture_id) if wide else bytes((picture_id,))
    if tl0picidx is not None:
        descriptor += bytes((tl0picidx, temporal_layer << 6))
    return descriptor + bytes((0x00 if key else 0x01,)) + body


def buffer(packet: bytes, spare: int = 64) -> bytearray:
    """Return the packet in a longer buffer, as one that datagrams are received into."""
    return bytearray(packet) + bytearray(spare)
