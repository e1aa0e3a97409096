from pathlib import Path
from typing import Any

import pytest
from aiortc import rtp as aiortc_rtp
from hypothesis import example, given
from hypothesis import strategies as st

from media_relay.rtcp import packets
from media_relay.rtcp.packets import Fir, Nack, Pli, ReceiverReport, ReportBlock, SenderReport
from media_relay.rtcp.remb import Remb
from media_relay.rtcp.transport_feedback import TransportFeedback

BLOCK = ReportBlock(7, 64, 1000, 70_000, 321, 0xAABBCCDD, 65_536)
NEGATIVE = ReportBlock(8, 0, -3, 5, 0)
FEEDBACK = TransportFeedback(
    1, 2, 65_530, 0xFFFFFF, 255, (4, None, None, 255, 256, -8, None, 0, 0, 0, 0, 0, 0, 0, 0, 0)
)
# RFC 5104 §4.3.1: two entries of SSRC and command number; the media SSRC is unused.
FIR = packets.wrap(206, 4, bytes.fromhex("00000001 00000000 00000002 ff000000 00000003 00000000"))
DATA = Path(__file__).parents[1] / "data"

ENCODED = {
    "sender report": packets.encode_sender_report(1, 2**64 - 1, 2**32 - 1, 3, 4, [BLOCK]),
    "receiver report": packets.encode_receiver_report(1, [BLOCK, NEGATIVE]),
    "empty report": packets.encode_receiver_report(1),
    "nack": packets.encode_nack(1, 2, [5, 6, 22, 65_535]),
    "pli": packets.encode_pli(1, 2),
    "fir": FIR,
    "remb": packets.encode_remb(1, 2_500_000, [2, 3]),
    "transport feedback": packets.encode_transport_feedback(FEEDBACK),
}
PARSED = {
    "sender report": SenderReport(1, 2**64 - 1, 2**32 - 1, 3, 4, (BLOCK,)),
    "receiver report": ReceiverReport(1, (BLOCK, NEGATIVE)),
    "empty report": ReceiverReport(1),
    "nack": Nack(1, 2, (5, 6, 22, 65_535)),
    "pli": Pli(1, 2),
    "fir": Fir(1, ((2, 255), (3, 0))),
    "remb": Remb(1, 2_499_984 + 16, (2, 3)),
    "transport feedback": FEEDBACK,
}


@pytest.mark.parametrize("name", ENCODED)
def test_it_parses_what_it_encoded(name: str) -> None:
    assert packets.parse(ENCODED[name]) == [PARSED[name]]


@pytest.mark.parametrize("name", ENCODED)
def test_it_refuses_every_truncation(name: str) -> None:
    for length in range(1, len(ENCODED[name])):
        with pytest.raises(ValueError):
            packets.parse(ENCODED[name][:length])


@pytest.mark.parametrize("name", ENCODED)
def test_it_refuses_a_packet_whose_length_was_cut_with_it(name: str) -> None:
    """The same truncations, with the length field put right: the fields inside must be checked on
    their own.
    """
    data = ENCODED[name]
    padding = data[-1] if data[0] & 0x20 else 0
    for words in range(1, (len(data) - padding) // 4):
        cut = (
            bytes((data[0] & 0xDF, data[1])) + (words - 1).to_bytes(2, "big") + data[4 : 4 * words]
        )
        try:
            assert packets.parse(cut) != [PARSED[name]]
        except ValueError:
            continue


def test_it_parses_a_compound_packet_in_order() -> None:
    assert packets.parse(b"".join(ENCODED.values())) == list(PARSED.values())


def test_it_reads_any_kind_of_buffer() -> None:
    data = ENCODED["nack"]
    assert packets.parse(bytearray(data)) == packets.parse(memoryview(data)) == [PARSED["nack"]]


def test_it_finds_nothing_in_nothing_and_skips_what_it_does_not_know() -> None:
    description = packets.wrap(202, 1, b"\0\0\0\1\1\4name\0\0")
    application = packets.wrap(204, 0, b"\0\0\0\1abcd")
    slice_loss = packets.wrap(206, 2, bytes(12))
    other = packets.wrap(206, 15, b"\0\0\0\1\0\0\0\0ABCD\0\0\0\0")
    assert packets.parse(b"") == []
    assert packets.parse(description + application + slice_loss + other + ENCODED["pli"]) == [
        PARSED["pli"]
    ]


@pytest.mark.parametrize("padding", [4, 8])
def test_it_takes_padding_off(padding: int) -> None:
    head, body = ENCODED["nack"][:4], ENCODED["nack"][4:] + bytes(padding - 1) + bytes((padding,))
    padded = bytes((head[0] | 0x20, head[1])) + (len(body) // 4).to_bytes(2, "big") + body
    assert packets.parse(padded) == [PARSED["nack"]]


@pytest.mark.parametrize("count", [0, 13, 255])
def test_it_refuses_padding_longer_than_the_packet(count: int) -> None:
    body = bytes(11) + bytes((count,))
    with pytest.raises(ValueError, match="padding"):
        packets.parse(b"\xa1\xce\x00\x03" + body)


def test_it_refuses_another_version() -> None:
    with pytest.raises(ValueError, match="version"):
        packets.parse(b"\x41" + ENCODED["pli"][1:])


@pytest.mark.parametrize(
    ("lost", "items"),
    [
        ([], 0),
        ([5], 1),
        ([0], 1),
        ([5, 21], 1),  # Sixteen ahead is the last bit.
        ([5, 22], 2),
        (list(range(100, 134)), 2),
        ([65_534, 65_535, 0, 1], 1),
        ([65_520, 0], 1),
        ([65_519, 0], 2),
        ([0, 65_535], 2),  # Not in order of sending: still exact.
    ],
)
def test_it_packs_lost_packets_round_the_wrap(lost: list[int], items: int) -> None:
    data = packets.encode_nack(1, 2, lost)
    assert len(data) == 12 + 4 * items
    assert packets.parse(data) == [Nack(1, 2, tuple(lost))]


def test_it_reads_no_more_of_a_nack_than_any_history_holds() -> None:
    greedy = packets.wrap(205, 1, bytes(8) + b"\0\0\xff\xff" * 300)
    parsed = packets.parse(greedy)[0]
    assert isinstance(parsed, Nack)
    assert len(parsed.lost) == packets.MAX_NACKED


def test_it_refuses_transport_feedback_that_claims_too_much() -> None:
    claim = packets.wrap(205, 15, bytes(8) + b"\0\0\xff\xff" + bytes(4) + b"\x1f\xff" * 8)
    with pytest.raises(ValueError, match="too many"):
        packets.parse(claim)


def test_it_refuses_transport_feedback_that_never_gets_on() -> None:
    empty_runs = packets.wrap(205, 15, bytes(8) + b"\0\0\0\x10" + bytes(4) + bytes(8))
    with pytest.raises(ValueError, match="empty run"):
        packets.parse(empty_runs)


def test_it_reads_both_kinds_of_status_vector() -> None:
    """From the figures of the draft: fourteen symbols of one bit, then seven of two."""
    body = (
        b"\0\x0a\0\x15\0\0\1\2"
        + bytes((0b10_100000, 0b00000001))
        + bytes((0b11_010000, 0b00000010))
        + b"\5\6\7\xff\xfc"
    )
    parsed = packets.parse(packets.wrap(205, 15, bytes(8) + body))[0]
    assert isinstance(parsed, TransportFeedback)
    assert parsed.arrivals == (5, *(None,) * 12, 6, 7, None, None, None, None, None, -4)
    assert (parsed.base, parsed.reference, parsed.count) == (10, 1, 2)


def test_it_cuts_a_delta_to_what_the_field_holds() -> None:
    far = TransportFeedback(1, 2, 3, 4, 5, (70_000, -70_000))
    parsed = packets.parse(packets.encode_transport_feedback(far))[0]
    assert isinstance(parsed, TransportFeedback)
    assert parsed.arrivals == (32_767, -32_768)


@pytest.mark.parametrize("bitrate", [0, 1, 262_143, 262_144, 1_200_000, 2**40])
def test_it_rounds_a_bitrate_down_to_eighteen_bits(bitrate: int) -> None:
    parsed = packets.parse(packets.encode_remb(1, bitrate, []))[0]
    assert isinstance(parsed, Remb)
    assert bitrate * (1 - 2**-17) <= parsed.bitrate_bps <= bitrate


@given(st.binary(max_size=100))
@example(b"\xbf\xc8\x00\x00")
@example(b"\xa0\xc9\x00\x00")
def test_it_raises_nothing_but_value_error(data: bytes) -> None:
    try:
        packets.parse(data)
    except ValueError:
        return


@given(
    st.sampled_from(list(ENCODED.values())),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=6),
)
def test_it_raises_nothing_but_value_error_on_mutations(
    data: bytes, changes: list[tuple[int, int]]
) -> None:
    mutated = bytearray(data)
    for position, value in changes:
        mutated[position % len(mutated)] = value
    try:
        packets.parse(mutated)
    except ValueError:
        return


@given(st.lists(st.one_of(st.none(), st.integers(-32_768, 32_767)), max_size=300))
def test_it_round_trips_any_arrivals(arrivals: list[int | None]) -> None:
    feedback = TransportFeedback(1, 2, 3, 4, 5, tuple(arrivals))
    assert packets.parse(packets.encode_transport_feedback(feedback)) == [feedback]


@pytest.mark.parametrize("path", sorted(DATA.glob("rtcp-*.bin")), ids=lambda path: path.name)
def test_it_survives_whatever_once_broke_something(path: Path) -> None:
    try:
        packets.parse(path.read_bytes())
    except ValueError:
        return


def captured(name: str) -> bytes:
    """Return what Chromium 156 sent to a relay, decrypted."""
    return (Path(__file__).parent / "data" / f"chromium-{name}.bin").read_bytes()


def test_it_reads_and_writes_a_receiver_report_of_chromium() -> None:
    data = captured("receiver-report")
    block = ReportBlock(511_509_540, 0, 0, 8546, 857, 311_637_377, 6796)
    assert packets.parse(data) == [ReceiverReport(1_005_127_231, (block,))]
    assert packets.encode_receiver_report(1_005_127_231, [block]) == data


def test_it_reads_and_writes_a_sender_report_of_chromium() -> None:
    data = captured("sender-report")  # A description of the source follows and is skipped.
    report = SenderReport(3_314_590_463, 17_197_941_152_114_868_320, 2_426_136_277, 47, 30_410)
    assert packets.parse(data) == [report]
    assert (
        packets.encode_sender_report(report.ssrc, report.ntp, report.timestamp_rtp, 47, 30_410)
        == data[:28]
    )


def test_it_reads_and_writes_a_nack_of_chromium() -> None:
    data = captured("nack")
    assert packets.parse(data) == [Nack(1_005_127_231, 3_708_742_714, (13_478,))]
    assert packets.encode_nack(1_005_127_231, 3_708_742_714, [13_478]) == data


# aiortc reads and writes RTCP by code of its own: what both understand alike is right, or at least
# usual.


def theirs(data: bytes) -> list[Any]:  # Any: aiortc's own classes, told apart by the test.
    return list(aiortc_rtp.RtcpPacket.parse(data))


def test_it_writes_reports_that_another_implementation_reads() -> None:
    sender, receiver = theirs(ENCODED["sender report"] + ENCODED["receiver report"])
    assert sender.sender_info.ntp_timestamp == 2**64 - 1
    assert sender.sender_info.rtp_timestamp == 2**32 - 1
    assert (sender.sender_info.packet_count, sender.sender_info.octet_count) == (3, 4)
    read = receiver.reports[0]
    assert (read.ssrc, read.fraction_lost, read.packets_lost, read.highest_sequence) == (
        7,
        64,
        1000,
        70_000,
    )
    assert (read.jitter, read.lsr, read.dlsr) == (321, 0xAABBCCDD, 65_536)
    assert receiver.reports[1].packets_lost == -3


def test_it_writes_feedback_that_another_implementation_reads() -> None:
    nack, pli, remb = theirs(ENCODED["nack"] + ENCODED["pli"] + ENCODED["remb"])
    assert (nack.fmt, nack.ssrc, nack.media_ssrc, nack.lost) == (1, 1, 2, [5, 6, 22, 65_535])
    assert (pli.fmt, pli.ssrc, pli.media_ssrc) == (1, 1, 2)
    assert aiortc_rtp.unpack_remb_fci(remb.fci) == (2_500_000, [2, 3])


def test_it_reads_what_another_implementation_writes() -> None:
    info = aiortc_rtp.RtcpReceiverInfo(7, 64, 1000, 70_000, 321, 0xAABBCCDD, 65_536)
    sender = aiortc_rtp.RtcpSenderInfo(2**64 - 1, 2**32 - 1, 3, 4)
    fci = aiortc_rtp.pack_remb_fci(2_500_000, [2, 3])
    compound: list[Any] = [  # Any: each has `__bytes__`, which their common base lacks.
        aiortc_rtp.RtcpSrPacket(1, sender, [info]),
        aiortc_rtp.RtcpSdesPacket([aiortc_rtp.RtcpSourceInfo(1, [(1, b"name")])]),
        aiortc_rtp.RtcpRtpfbPacket(1, 1, 2, [5, 6, 22, 65_535]),
        aiortc_rtp.RtcpPsfbPacket(15, 1, 0, fci),
    ]
    assert packets.parse(b"".join(bytes(packet) for packet in compound)) == [
        PARSED["sender report"],
        PARSED["nack"],
        PARSED["remb"],
    ]
