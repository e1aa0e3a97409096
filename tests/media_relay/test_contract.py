"""Every private or undocumented thing of a library that the relay leans on.

An upgrade that breaks one fails here.
"""

import os
import struct
from importlib.metadata import version

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from OpenSSL import SSL
from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

from media_relay.ice.addresses import own_addresses
from media_relay.transport import libc, srtp

KEY = os.urandom(28)


def packet(sequence: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 111, sequence, 0, 7) + b"voice" * 20


def protect(
    session: srtp.SrtpSession, data: bytes, function: str = "srtp_protect"
) -> tuple[int, bytes]:
    buffer, length = ffi.new("char[]", 2048), ffi.new("int *", len(data))
    ffi.memmove(buffer, data, len(data))
    status = getattr(lib, function)(session.handle, buffer, length)
    return status, bytes(ffi.buffer(buffer, length[0]))


@pytest.mark.parametrize(
    ("package", "pinned"),
    [
        ("aiortc", "1.16.0"),
        ("aioice", "0.13.0"),
        ("pylibsrtp", "1.0.0"),
        ("channels-redis", "4.3.0"),
    ],
)
def test_it_has_the_versions_that_were_read(package: str, pinned: str) -> None:
    assert version(package) == pinned


@pytest.mark.parametrize(
    "name", ["srtp_create", "srtp_dealloc", "srtp_protect", "srtp_unprotect", "srtp_protect_rtcp"]
)
def test_it_finds_libsrtp_in_the_binding(name: str) -> None:
    assert callable(getattr(lib, name))


def test_it_protects_in_place_and_sets_the_length() -> None:
    status, data = protect(srtp.outbound_session(srtp.AEAD_AES_128_GCM, KEY), packet(1))
    assert status == srtp.OK
    assert len(data) == len(packet(1)) + srtp.AEAD_AES_128_GCM.tag_bytes
    receiver = Session(
        Policy(KEY, Policy.SSRC_ANY_INBOUND, srtp_profile=srtp.AEAD_AES_128_GCM.libsrtp)
    )
    assert receiver.unprotect(data) == packet(1)


def test_it_protects_longer_packets_than_the_wrapper_does() -> None:
    """pylibsrtp's `protect` stops at 1356 bytes; the function behind it does not."""
    data = packet(1) + bytes(1340 - len(packet(1)))
    assert (
        protect(srtp.outbound_session(srtp.AES128_CM_SHA1_80, os.urandom(30)), data)[0] == srtp.OK
    )


def test_it_makes_the_same_bytes_of_the_same_packet() -> None:
    """A retransmission is no second message under one nonce."""
    session = srtp.outbound_session(srtp.AEAD_AES_128_GCM, KEY)
    first = protect(session, packet(9))
    protect(session, packet(10))
    assert protect(session, packet(9)) == first


def test_it_refuses_to_protect_what_has_left_the_window() -> None:
    session = srtp.outbound_session(srtp.AEAD_AES_128_GCM, KEY)
    protect(session, packet(5000))
    assert protect(session, packet(5000 - srtp.WINDOW + 1))[0] == srtp.OK
    assert protect(session, packet(5000 - srtp.WINDOW - 1))[0] != srtp.OK


def test_it_tells_a_replay_from_a_forgery() -> None:
    _, data = protect(srtp.outbound_session(srtp.AEAD_AES_128_GCM, KEY), packet(1))
    session = srtp.inbound_session(srtp.AEAD_AES_128_GCM, KEY)
    assert protect(session, data, "srtp_unprotect")[0] == srtp.OK
    assert protect(session, data, "srtp_unprotect")[0] == srtp.REPLAY_FAIL
    forged = data[:-1] + bytes([data[-1] ^ 1])
    assert protect(srtp.inbound_session(srtp.AEAD_AES_128_GCM, KEY), forged, "srtp_unprotect")[
        0
    ] not in (
        0,
        srtp.REPLAY_FAIL,
    )


def test_it_frees_a_session_once_however_often_it_is_told() -> None:
    for _ in range(100):
        session = srtp.inbound_session(srtp.AEAD_AES_128_GCM, KEY)
        session.release()
        session.release()


def test_it_takes_the_policy_behind_the_wrapper() -> None:
    policy = Policy(KEY, Policy.SSRC_ANY_INBOUND, srtp_profile=srtp.AEAD_AES_128_GCM.libsrtp)
    policy.window_size = srtp.WINDOW
    assert policy._policy.window_size == srtp.WINDOW


def test_it_speaks_dtls_in_memory_without_a_socket() -> None:
    connection = SSL.Connection(SSL.Context(SSL.DTLS_METHOD), None)
    connection.set_connect_state()
    assert connection.DTLSv1_get_timeout() is None
    with pytest.raises(SSL.WantReadError):
        connection.do_handshake()
    assert connection.bio_read(2000)[0] == 22
    assert 0 < (connection.DTLSv1_get_timeout() or 0) <= 1


@pytest.mark.skipif(not libc.AVAILABLE, reason="not 64-bit Linux")
def test_it_lays_structures_out_as_the_kernel_does() -> None:
    assert libc.ffi.sizeof("struct mmsghdr") == libc.MMSGHDR_BYTES
    assert libc.ffi.sizeof("struct iovec") == libc.IOVEC_BYTES
    assert libc.ffi.sizeof("struct cmsg_segment") == libc.CMSG_BYTES
    assert libc.ffi.offsetof("struct cmsg_segment", "size") == libc.CMSG_LENGTH - 2


async def test_it_names_groups_as_the_channel_layer_does() -> None:
    """The bus publishes many notices in one round trip, past the layer's own `send` and
    `group_send`.
    """
    layer = RedisPubSubChannelLayer(hosts=["redis://127.0.0.1:1/0"])
    assert layer._get_group_channel_name("space.1") == "asgi__group__space.1"
    assert layer.deserialize(layer.serialize({"type": "relay.closed"})) == {"type": "relay.closed"}


def test_it_knows_this_machine_s_addresses() -> None:
    assert own_addresses()[-1] == "127.0.0.1"
