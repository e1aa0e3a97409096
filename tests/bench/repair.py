"""The two ends of loss recovery: a listener that asks for what it missed, a speaker that sends it
again.
"""

import struct
from collections import OrderedDict

from tests.bench.peer import Peer
from tests.bench.sdp import Section
from tests.bench.synthetic import STAMP, stamp_of

HISTORY = 512
ASK_TIMES = 8
RTCP_RTPFB = 205
NACK = 1


def nack(sender: int, media: int, sequences: list[int]) -> bytes:
    """Return a generic NACK, one entry per packet (RFC 4585 §6.2.1)."""
    body = b"".join(struct.pack("!HH", sequence & 0xFFFF, 0) for sequence in sequences)
    return struct.pack("!BBHII", 0x80 | NACK, RTCP_RTPFB, 2 + len(sequences), sender, media) + body


def read_nacks(compound: bytes) -> list[tuple[int, int]]:
    """Return (SSRC, sequence number) of everything a compound packet asks for."""
    asked, at = [], 0
    while at + 12 <= len(compound):
        size = 4 * (int.from_bytes(compound[at + 2 : at + 4], "big") + 1)
        if compound[at + 1] == RTCP_RTPFB and compound[at] & 0x1F == NACK:
            media = int.from_bytes(compound[at + 8 : at + 12], "big")
            asked += [(media, sequence) for sequence in _sequences(compound[at + 12 : at + size])]
        at += size
    return asked


def _sequences(entries: bytes) -> list[int]:
    found = []
    for base, mask in struct.iter_unpack("!HH", entries[: len(entries) // 4 * 4]):
        found += [base] + [(base + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return found


class Resender:
    """Keeps what a peer sent and answers NACKs by sending it again, as browsers without RTX do."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.history: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self.resent = 0

    def sent(self, packet: bytes) -> None:
        sequence, ssrc = struct.unpack_from("!H4xI", packet, 2)
        self.history[(ssrc, sequence)] = packet
        while len(self.history) > HISTORY:
            self.history.popitem(last=False)

    def on_rtcp(self, compound: bytes) -> None:
        for wanted in read_nacks(compound):
            packet = self.history.get(wanted)
            if packet is not None:
                self.resent += 1
                self.peer.send_rtp(packet)


class Asker:
    """Counts one slot's packets at a listener and asks again for the missing ones, in plain or RTX
    form.
    """

    def __init__(self, peer: Peer, section: Section) -> None:
        self.peer = peer
        self.media_type = section.media_type
        self.rtx_type = section.payload_types.get("rtx", -1)
        self.ssrc = 0
        self.first = -1
        self.highest = -1
        self.missing: dict[int, int] = {}
        self.stamps: set[int] = set()
        self.repaired = 0
        peer.on_rtp = self._take

    def ask(self) -> None:
        """Send one NACK for everything missing that was not yet asked for too often."""
        wanted = [sequence for sequence, times in self.missing.items() if times < ASK_TIMES]
        for sequence in wanted:
            self.missing[sequence] += 1
        if wanted:
            self.peer.send_rtcp(nack(self.peer.ssrcs_first(), self.ssrc, wanted[:64]))

    @property
    def expected(self) -> int:
        return self.highest - self.first + 1

    def _take(self, packet: bytes) -> None:
        kind = packet[1] & 0x7F
        if kind == self.media_type:
            sequence, self.ssrc = struct.unpack_from("!H4xI", packet, 2)
            self._count(sequence, packet)
        elif kind == self.rtx_type:
            self._count(int.from_bytes(payload(packet)[:2], "big"), packet)

    def _count(self, sequence: int, packet: bytes) -> None:
        if self.first < 0:
            self.first = self.highest = sequence
        ahead = ((sequence - self.highest + 0x8000) & 0xFFFF) - 0x8000
        for step in range(1, ahead):
            self.missing[self.highest + step] = 0
        self.highest = max(self.highest, self.highest + ahead)
        if ahead <= 0 and self.missing.pop(self.highest + ahead, None) is not None:
            self.repaired += 1
        if len(packet) > 12 + STAMP.size:
            self.stamps.add(stamp_of(packet))


def payload(packet: bytes) -> bytes:
    """Return what follows the header, its sources and its extension block."""
    at = 12 + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
    return packet[at:]
