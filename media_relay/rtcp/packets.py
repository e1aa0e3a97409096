"""RTCP on the wire: `parse` reads a compound packet, each `encode_…` writes one packet.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    |V=2|P|  count  |      type     |   length in words, minus one  |
    |                         sender's SSRC                         |

    sender report (RFC 3550 §6.4.1): NTP time (64), RTP time, packets, octets, then blocks
    report block:  |                      SSRC of the stream                       |
                   | fraction lost |           cumulative packets lost             |
                   |           extended highest sequence number received           |
                   |                            jitter                             |
                   |                last sender report: LSR, then DLSR             |
    feedback (RFC 4585 §6.1): SSRC of the stream in question, then by `count`, there the form:
    generic NACK:  |      first sequence number    |  bit mask of the next sixteen |  …
    FIR (RFC 5104 §4.3.1.1):  |   SSRC   |  command number (8)  | reserved (24) |  …

`parse` reads each byte once, in bounds, and raises nothing but ValueError. Reduced-size packets
(RFC 5506) are fine; types the relay has no use for are skipped. Transport-wide feedback and REMB
have modules of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct

from media_relay.rtcp import remb, transport_feedback
from media_relay.rtcp.remb import Remb
from media_relay.rtcp.transport_feedback import TransportFeedback
from media_relay.rtp.packet import Readable

SENDER_REPORT = 200
RECEIVER_REPORT = 201
TRANSPORT_LAYER = 205  # RTPFB: 1 is a generic NACK, 15 transport-wide feedback.
PAYLOAD_SPECIFIC = 206  # PSFB: 1 is PLI, 4 FIR, 15 an application's own, here REMB.

MAX_NACKED = 1024  # More than any history holds; the rest of a longer list is not read.
MAX_REPORTS = 31  # What five bits can count.

_HEAD = Struct("!BBH")
_WORD = Struct("!I")
_WORDS = Struct("!II")
_SENDER_INFO = Struct("!IQIII")
_BLOCK = Struct("!IIIIII")
_NACK_ITEM = Struct("!HH")


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How a receiver gets one stream.

    `lsr` and `dlsr` are in 65536ths of a second, `jitter` in clock ticks.
    """

    ssrc: int
    fraction_lost: int  # In 256ths, of the interval since the last report.
    packets_lost: int
    highest: int  # Extended highest sequence number.
    jitter: int
    lsr: int = 0
    dlsr: int = 0


@dataclass(frozen=True, slots=True)
class SenderReport:
    ssrc: int
    ntp: int
    timestamp_rtp: int
    packets: int
    octets: int
    reports: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    reports: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class Nack:
    """Packets of the stream `media` that did not come: 16-bit numbers, in the order of the list."""

    sender: int
    media: int
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pli:
    """The picture of the stream `media` cannot be shown without a key frame."""

    sender: int
    media: int


@dataclass(frozen=True, slots=True)
class Fir:
    """The same, by command; each of `entries` is a stream and the command's sequence number."""

    sender: int
    entries: tuple[tuple[int, int], ...]


Packet = SenderReport | ReceiverReport | Nack | Pli | Fir | Remb | TransportFeedback


def parse(data: Readable) -> list[Packet]:
    """Return what a decrypted RTCP datagram says.

    Raises ValueError if any part of it is cut short or misshapen.
    """
    packets: list[Packet] = []
    position = 0
    length = len(data)
    while position < length:
        if length - position < 4:
            raise ValueError("RTCP header is truncated")
        first, kind, words = _HEAD.unpack_from(data, position)
        if first >> 6 != 2:
            raise ValueError("not RTCP version 2")
        end = position + 4 * (words + 1)  # `words` leaves the head out.
        if end > length:
            raise ValueError("RTCP packet is truncated")
        start = position + 4
        body_end = end
        if first & 0x20:  # P: the last byte counts the padding.
            if end == start or not 0 < data[end - 1] <= end - start:
                raise ValueError("RTCP padding is longer than the packet")
            body_end -= data[end - 1]
        packet = _parse_one(kind, first & 0x1F, data, start, body_end)
        if packet is not None:
            packets.append(packet)
        position = end
    return packets


def encode_sender_report(
    ssrc: int,
    ntp: int,
    timestamp_rtp: int,
    packets: int,
    octets: int,
    reports: Iterable[ReportBlock] = (),
) -> bytes:
    """Return a sender report; the counts wrap as RFC 3550 §6.4.1 wants."""
    info = _SENDER_INFO.pack(ssrc, ntp, timestamp_rtp, packets & 0xFFFF_FFFF, octets & 0xFFFF_FFFF)
    return _encode_reports(SENDER_REPORT, info, reports)


def encode_receiver_report(ssrc: int, reports: Iterable[ReportBlock] = ()) -> bytes:
    return _encode_reports(RECEIVER_REPORT, _WORD.pack(ssrc), reports)


def encode_nack(sender: int, media: int, lost: Iterable[int]) -> bytes:
    """Return a generic NACK. `lost` is in order of sending and may run over 65535 to 0."""
    items = b""
    first = -1
    mask = 0
    for seq in lost:
        ahead = (seq - first) & 0xFFFF
        if first >= 0 and ahead <= 16:
            mask |= 1 << ahead - 1 if ahead else 0
            continue
        if first >= 0:
            items += _NACK_ITEM.pack(first, mask)
        first = seq
        mask = 0
    if first >= 0:
        items += _NACK_ITEM.pack(first, mask)
    return wrap(TRANSPORT_LAYER, 1, _WORDS.pack(sender, media) + items)


def encode_pli(sender: int, media: int) -> bytes:
    return wrap(PAYLOAD_SPECIFIC, 1, _WORDS.pack(sender, media))


def encode_remb(sender: int, bitrate_bps: int, ssrcs: Iterable[int]) -> bytes:
    """Return an estimate of the bandwidth for all of `ssrcs` together, cut to 18 bits."""
    return wrap(PAYLOAD_SPECIFIC, 15, _WORDS.pack(sender, 0) + remb.encode(bitrate_bps, ssrcs))


def encode_transport_feedback(feedback: TransportFeedback) -> bytes:
    """Return transport-wide feedback, padded to whole words."""
    body = _WORDS.pack(feedback.sender, feedback.media) + transport_feedback.encode(feedback)
    return wrap(TRANSPORT_LAYER, 15, body)


def wrap(kind: int, count: int, body: bytes) -> bytes:
    """Return one RTCP packet; a body that is not whole words is padded (RFC 3550 §6.4.1)."""
    missing = -len(body) % 4
    padding = bytes(missing - 1) + bytes((missing,)) if missing else b""
    first = 0x80 | (0x20 if missing else 0) | count
    return _HEAD.pack(first, kind, (len(body) + missing) // 4) + body + padding


def _parse_one(kind: int, count: int, data: Readable, start: int, end: int) -> Packet | None:
    """Return what the packet with its body in `data[start:end]` says; None if it is of no use."""
    if kind == SENDER_REPORT:
        if end - start < _SENDER_INFO.size:
            raise ValueError("RTCP sender report is truncated")
        ssrc, ntp, timestamp, packets, octets = _SENDER_INFO.unpack_from(data, start)
        blocks = _blocks(count, data, start + _SENDER_INFO.size, end)
        return SenderReport(ssrc, ntp, timestamp, packets, octets, blocks)
    if kind == RECEIVER_REPORT:
        if end - start < 4:
            raise ValueError("RTCP packet is truncated")
        ssrc = int(_WORD.unpack_from(data, start)[0])
        return ReceiverReport(ssrc, _blocks(count, data, start + 4, end))
    if kind not in (TRANSPORT_LAYER, PAYLOAD_SPECIFIC):
        return None
    if end - start < 8:
        raise ValueError("RTCP feedback is truncated")
    sender, media = _WORDS.unpack_from(data, start)
    body = start + 8
    match kind, count:
        case (205, 1):
            if (end - body) % 4:
                raise ValueError("RTCP NACK is truncated")
            lost: list[int] = []
            for position in range(body, end, 4):
                if len(lost) >= MAX_NACKED:
                    break
                first, mask = _NACK_ITEM.unpack_from(data, position)
                lost.append(first)
                lost += [(first + 1 + bit) & 0xFFFF for bit in range(16) if mask >> bit & 1]
            return Nack(sender, media, tuple(lost[:MAX_NACKED]))
        case (205, 15):
            return transport_feedback.parse(sender, media, data, body, end)
        case (206, 1):
            return Pli(sender, media)
        case (206, 4):
            if (end - body) % 8:
                raise ValueError("RTCP FIR is truncated")
            entries: list[tuple[int, int]] = []
            for position in range(body, end, 8):
                ssrc, rest = _WORDS.unpack_from(data, position)
                entries.append((ssrc, rest >> 24))
            return Fir(sender, tuple(entries))
        case (206, 15):
            return remb.parse(sender, data, body, end)
    return None


def _blocks(count: int, data: Readable, start: int, end: int) -> tuple[ReportBlock, ...]:
    if end - start < count * _BLOCK.size:
        raise ValueError("RTCP report block is truncated")
    blocks: list[ReportBlock] = []
    for position in range(start, start + count * _BLOCK.size, _BLOCK.size):
        ssrc, loss, highest, jitter, lsr, dlsr = _BLOCK.unpack_from(data, position)
        lost = loss & 0xFF_FFFF
        if lost & 0x80_0000:  # A signed field of 24 bits.
            lost -= 1 << 24
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, lsr, dlsr))
    return tuple(blocks)


def _encode_reports(kind: int, head: bytes, reports: Iterable[ReportBlock]) -> bytes:
    blocks = list(reports)[:MAX_REPORTS]
    for block in blocks:
        loss = block.fraction_lost << 24 | block.packets_lost & 0xFF_FFFF
        head += _BLOCK.pack(block.ssrc, loss, block.highest, block.jitter, block.lsr, block.dlsr)
    return wrap(kind, len(blocks), head)
