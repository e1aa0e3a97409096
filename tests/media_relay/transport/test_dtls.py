"""Our half of a handshake against OpenSSL as a client, with losses, strangers and garbage."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from OpenSSL import SSL

from media_relay.errors import ProtocolError
from media_relay.transport.dtls import MTU, Certificate, Handshake, datagrams, is_handshake
from media_relay.transport.srtp import (
    AEAD_AES_128_GCM,
    AES128_CM_SHA1_80,
    EXPORTER_LABEL,
    split_keys,
)

RELAY, BROWSER = Certificate(), Certificate()


class Browser:
    """OpenSSL in memory; `talk` exchanges datagrams until nobody has anything to say."""

    def __init__(self, context: SSL.Context = BROWSER.context) -> None:
        self.ssl = SSL.Connection(context, None)
        self.ssl.set_ciphertext_mtu(MTU)
        self.ssl.set_connect_state()

    def step(self) -> list[bytes]:
        with suppress(SSL.WantReadError):
            self.ssl.do_handshake()
        return self.flush()

    def flush(self) -> list[bytes]:
        try:
            return list(datagrams(self.ssl.bio_read(16384)))
        except SSL.Error:
            return []

    def talk(
        self, handshake: Handshake, out: list[bytes], keep: Callable[[bytes], bool] = lambda _: True
    ) -> None:
        for _ in range(6):
            for datagram in self.step():
                handshake.feed(datagram)
            for datagram in filter(keep, out):
                self.ssl.bio_write(datagram)
            out.clear()


def shake(fingerprint: str = BROWSER.fingerprint) -> tuple[Handshake, Browser, list[bytes]]:
    out: list[bytes] = []
    handshake, browser = Handshake(RELAY, fingerprint, is_client=False, send=out.append), Browser()
    browser.talk(handshake, out)
    return handshake, browser, out


def test_it_ends_with_the_same_keys_on_both_sides() -> None:
    handshake, browser, _ = shake()
    assert handshake.keys is not None
    assert handshake.keys.profile is AEAD_AES_128_GCM
    exported = browser.ssl.export_keying_material(
        EXPORTER_LABEL, AEAD_AES_128_GCM.exported_bytes, None
    )
    assert split_keys(AEAD_AES_128_GCM, exported) == handshake.keys


def test_it_refuses_a_certificate_that_is_not_in_the_answer() -> None:
    with pytest.raises(ProtocolError) as caught:
        shake(Certificate().fingerprint)
    assert caught.value.code == "wrong_fingerprint"


def test_it_falls_back_to_the_profile_every_browser_has() -> None:
    context = Certificate()
    context.context.set_tlsext_use_srtp(AES128_CM_SHA1_80.openssl_name)
    out: list[bytes] = []
    handshake = Handshake(RELAY, context.fingerprint, is_client=False, send=out.append)
    Browser(context.context).talk(handshake, out)
    assert handshake.keys is not None
    assert handshake.keys.profile is AES128_CM_SHA1_80


def test_it_can_be_the_client() -> None:
    to_server: list[bytes] = []
    to_client: list[bytes] = []
    ours = Handshake(RELAY, BROWSER.fingerprint, is_client=True, send=to_server.append)
    theirs = Handshake(BROWSER, RELAY.fingerprint, is_client=False, send=to_client.append)
    ours.start()
    while to_server or to_client:
        while to_server:
            theirs.feed(to_server.pop(0))
        while to_client:
            ours.feed(to_client.pop(0))
    assert ours.keys is not None
    assert ours.keys == theirs.keys


def test_it_says_when_it_wants_to_repeat_itself() -> None:
    out: list[bytes] = []
    handshake, browser = (
        Handshake(RELAY, BROWSER.fingerprint, is_client=False, send=out.append),
        Browser(),
    )
    for datagram in browser.step():
        handshake.feed(datagram)
    flight = list(out)
    assert flight
    assert 0 < (handshake.timeout_s() or 0) <= 1.1


def test_it_leaves_a_last_flight_and_a_goodbye_that_still_count_later() -> None:
    """A listener's association is forgotten at once; these bytes are all that is kept of it."""
    out: list[bytes] = []
    handshake, browser = (
        Handshake(RELAY, BROWSER.fingerprint, is_client=False, send=out.append),
        Browser(),
    )
    browser.talk(handshake, out, keep=lambda _: handshake.keys is None)
    last, close_notify = handshake.last_flight, handshake.close_notify()
    handshake._ssl = None  # type: ignore[assignment]  # As the transport does it.
    assert is_handshake(last[0])
    for datagram in last:
        browser.ssl.bio_write(datagram)
    browser.step()
    browser.ssl.bio_write(close_notify)
    with pytest.raises(SSL.ZeroReturnError):
        browser.ssl.recv(100)


def test_it_notices_a_goodbye() -> None:
    handshake, browser, _ = shake()
    browser.ssl.shutdown()
    assert [handshake.feed(datagram) for datagram in browser.flush()] == [False]


@pytest.mark.parametrize(
    "garbage", [b"\x16", b"\x16" * 200, bytes([22, 254, 253]) + bytes(200), b"\x15" + bytes(30)]
)
def test_it_survives_garbage_before_and_after_the_handshake(garbage: bytes) -> None:
    out: list[bytes] = []
    handshake, browser = (
        Handshake(RELAY, BROWSER.fingerprint, is_client=False, send=out.append),
        Browser(),
    )
    handshake.feed(garbage)
    browser.talk(handshake, out)
    assert handshake.keys is not None
    assert handshake.feed(garbage)


def test_it_cuts_a_flight_at_record_boundaries() -> None:
    record = bytes([22, 254, 253]) + bytes(8) + (700).to_bytes(2, "big") + bytes(700)
    assert [len(datagram) for datagram in datagrams(record * 3)] == [713, 713, 713]
    small = bytes([22, 254, 253]) + bytes(8) + (100).to_bytes(2, "big") + bytes(100)
    assert [len(datagram) for datagram in datagrams(small * 3)] == [339]
    assert list(datagrams(b"")) == []


def test_it_has_a_fingerprint_as_sdp_writes_it() -> None:
    parts = RELAY.fingerprint.split(":")
    assert len(parts) == 32
    assert all(len(part) == 2 and part == part.upper() for part in parts)
