"""One peer's way from its first check to its last datagram, over real sockets."""

import struct
from collections.abc import Callable

import pytest
from pylibsrtp._binding import ffi, lib

from media_relay.ice.agent import SILENT_MS
from media_relay.metrics import Drop
from media_relay.transport.peer_transport import (
    CONNECT_MS,
    DTLS_PER_SECOND,
    HANDSHAKE_MS,
    MAX_RTCP_SSRCS,
    RTCP_PER_SECOND,
    TransportState,
)
from tests.media_relay.transport.wire import RELAY, Client, Ear, Port

SSRC = 7


def ear_of(client: Client) -> Ear:
    handler = client.transport._handler
    assert isinstance(handler, Ear)
    return handler


def rtp(sequence: int, payload: bytes = b"sound") -> bytes:
    return struct.pack("!BBHII", 0x80, 111, sequence, sequence * 960, SSRC) + payload


def receiver_report(sender: int) -> bytes:
    return struct.pack("!BBHI", 0x80, 201, 1, sender)


def seal(client: Client, packet: bytes, *, rtcp: bool = False) -> bytes:
    """Return the packet under the browser's key."""
    assert client.outbound is not None
    room = ffi.new("char[]", 2048)
    ffi.memmove(room, packet, len(packet))
    length = ffi.new("int *", len(packet))
    protect = lib.srtp_protect_rtcp if rtcp else lib.srtp_protect
    assert protect(client.outbound.handle, room, length) == 0
    return bytes(ffi.buffer(room, length[0]))


def test_it_connects_and_takes_sound_and_reports(client: Client) -> None:
    client.connect()
    ear = ear_of(client)
    client.send(seal(client, rtp(1)), seal(client, receiver_report(SSRC), rtcp=True))
    assert (ear.heard, ear.rtp, ear.rtcp) == (["connected"], [rtp(1)], [receiver_report(SSRC)])


def test_it_does_not_decrypt_what_nobody_wants(client: Client, port: Port) -> None:
    client.connect()
    ear_of(client).admits = False
    client.send(rtp(1) + b"not even encrypted")
    assert ear_of(client).rtp == []
    assert port.metrics.drops[Drop.SRTP_FAILED] == 0


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda packet: packet[:-1] + bytes([packet[-1] ^ 1]), Drop.SRTP_FAILED),
        (lambda packet: packet[:11], Drop.RTP_MALFORMED),
        (lambda packet: packet[:12], Drop.SRTP_FAILED),
    ],
    ids=["forged", "short", "without a tag"],
)
def test_it_counts_what_it_cannot_open(
    client: Client, port: Port, make: Callable[[bytes], bytes], reason: Drop
) -> None:
    client.connect()
    client.send(make(seal(client, rtp(1))))
    assert ear_of(client).rtp == []
    assert port.metrics.drops[reason] == 1


def test_it_takes_a_packet_once(client: Client, port: Port) -> None:
    client.connect()
    packet = seal(client, rtp(1))
    client.send(packet, packet)
    assert len(ear_of(client).rtp) == 1
    assert port.metrics.drops[Drop.SRTP_REPLAYED] == 1


def test_it_takes_no_media_before_there_are_keys(client: Client, port: Port) -> None:
    client.answer()
    client.check()
    client.send(rtp(1) + bytes(16))
    assert port.metrics.drops[Drop.NO_SESSION] == 1


def test_it_bounds_the_reports_of_a_second(client: Client, port: Port) -> None:
    client.connect()
    flood = [seal(client, receiver_report(SSRC), rtcp=True) for _ in range(RTCP_PER_SECOND + 50)]
    for start in range(0, len(flood), 25):
        client.send(*flood[start : start + 25])
    assert len(ear_of(client).rtcp) == RTCP_PER_SECOND
    assert port.metrics.drops[Drop.RTCP_RATE] == 50
    port.now_ms += 1000
    client.send(seal(client, receiver_report(SSRC), rtcp=True))
    assert len(ear_of(client).rtcp) == RTCP_PER_SECOND + 1


def test_it_keeps_streams_for_few_reporters(client: Client, port: Port) -> None:
    """libsrtp keeps a stream for each SSRC that was ever good, as long as the connection lives."""
    client.connect()
    for sender in range(1000, 1000 + MAX_RTCP_SSRCS + 10):
        client.send(seal(client, receiver_report(sender), rtcp=True))
    assert len(ear_of(client).rtcp) == MAX_RTCP_SSRCS
    client.send(seal(client, receiver_report(1000), rtcp=True))
    assert len(ear_of(client).rtcp) == MAX_RTCP_SSRCS + 1, "Those known before go on."


def test_it_bounds_what_a_handshake_may_cost(client: Client, port: Port) -> None:
    client.answer()
    client.check()
    for _ in range(DTLS_PER_SECOND + 10):
        client.send(bytes([22, 254, 253]) + bytes(10))
    assert port.metrics.drops[Drop.DTLS_FLOOD] == 10


def test_it_gives_up_on_who_never_comes(client: Client, port: Port) -> None:
    ear = ear_of(client)
    client.transport.tick(port.now_ms + CONNECT_MS - 1)
    assert ear.heard == []
    client.transport.tick(port.now_ms + CONNECT_MS)
    assert ear.heard == ["never_connected"]
    assert client.transport.state is TransportState.CLOSED


def test_it_gives_up_on_a_handshake_that_never_ends(client: Client, port: Port) -> None:
    ear = ear_of(client)
    client.answer()
    client.check()
    client.transport.tick(port.now_ms + HANDSHAKE_MS)
    assert ear.heard == ["dtls_timeout"]


def test_it_ends_when_the_checks_end(client: Client, port: Port) -> None:
    client.connect()
    ear = ear_of(client)
    client.transport.tick(port.now_ms + SILENT_MS - 1)
    assert client.transport.is_connected
    client.transport.tick(port.now_ms + SILENT_MS)
    assert ear.heard == ["connected", "consent_lost"]
    assert any(client.says_goodbye(datagram) for datagram in client.received())


def test_it_ends_when_a_speaker_sends_close_notify(port: Port) -> None:
    ear = Ear()
    ear.sends = True
    client = Client(port, port.open(ear)[0])
    client.connect()
    client.leave()
    assert ear.heard == ["connected", "closed_by_peer"]


def test_it_ends_for_a_certificate_that_was_not_announced(client: Client, port: Port) -> None:
    ear = ear_of(client)
    client.answer(RELAY.fingerprint)
    client.check()
    client.shake_hands()
    assert ear.heard == ["wrong_fingerprint"]
    assert port.metrics.drops[Drop.FINGERPRINT_MISMATCH] == 1


def test_it_sends_one_close_notify_and_tells_no_handler_when_we_end_it(client: Client) -> None:
    client.connect()
    ear = ear_of(client)
    client.transport.close()
    client.transport.close()
    goodbyes = [client.says_goodbye(datagram) for datagram in client.received()]
    assert goodbyes == [True]
    assert ear.heard == ["connected"]
    assert not client.transport.send_rtp(rtp(1))


def test_it_repeats_its_last_flight_to_who_missed_it(client: Client) -> None:
    """Of a listener's handshake nothing else is kept."""
    client.connect()
    assert client.send(bytes([22, 254, 253]) + bytes(10)), "A repeated flight asks for ours."
    assert client.send(bytes([23, 254, 253]) + bytes(10)) == [], (
        "Application data asks for nothing."
    )


def test_it_forgets_what_comes_after_its_end(client: Client) -> None:
    client.connect()
    ear = ear_of(client)
    packet = seal(client, rtp(1))
    client.transport.close()
    client.send(packet)
    assert ear.rtp == []


def test_it_hears_an_answer_that_comes_after_the_first_check(client: Client) -> None:
    client.check()
    assert not client.transport.has_answer
    client.connect()
