"""Keys and sessions, against pylibsrtp's own session at the other end."""

import os
import struct

import pytest
from pylibsrtp import Error, Policy
from pylibsrtp import Session as Reference
from pylibsrtp._binding import ffi, lib

from media_relay.transport import srtp
from media_relay.transport.srtp import (
    AEAD_AES_128_GCM,
    AES128_CM_SHA1_80,
    PROFILES,
    WINDOW,
    Profile,
)


def rtp(sequence: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 111, sequence & 0xFFFF, sequence * 960, 7) + b"sound"


class Ends:
    """Our sending session and a browser's receiving one, under one key."""

    def __init__(self, profile: Profile) -> None:
        key = os.urandom(profile.key_bytes + profile.salt_bytes)
        self.ours = srtp.outbound_session(profile, key)
        policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile.libsrtp)
        policy.window_size = WINDOW
        self.theirs = Reference(policy)

    def protect(self, packet: bytes) -> bytes:
        room, length = ffi.new("char[]", 2048), ffi.new("int *", len(packet))
        ffi.memmove(room, packet, len(packet))
        assert lib.srtp_protect(self.ours.handle, room, length) == srtp.OK
        return bytes(ffi.buffer(room, length[0]))


@pytest.fixture(params=PROFILES, ids=lambda profile: profile.openssl_name.decode())
def ends(request: pytest.FixtureRequest) -> Ends:
    return Ends(request.param)


def test_it_seals_what_the_other_end_opens(ends: Ends) -> None:
    sealed = ends.protect(rtp(1))
    assert len(sealed) == len(rtp(1)) + ends.ours.profile.tag_bytes
    assert b"sound" not in sealed
    assert ends.theirs.unprotect(sealed) == rtp(1)


def test_it_may_send_the_very_same_packet_again(ends: Ends) -> None:
    """A listener who lost it gets it by the second copy; who did not, drops that as a replay."""
    first, second = ends.protect(rtp(1)), ends.protect(rtp(1))
    assert first == second
    ends.theirs.unprotect(second)
    with pytest.raises(Error):
        ends.theirs.unprotect(first)


def test_it_sends_again_as_far_back_as_the_window_reaches(ends: Ends) -> None:
    for sequence in range(1, WINDOW):
        ends.theirs.unprotect(ends.protect(rtp(sequence))) if sequence > 1 else ends.protect(rtp(1))
    assert ends.theirs.unprotect(ends.protect(rtp(1))) == rtp(1)


def test_it_counts_rollovers_like_the_other_end(ends: Ends) -> None:
    for sequence in range(65_400, 65_700):
        assert ends.theirs.unprotect(ends.protect(rtp(sequence)))[2:4] == struct.pack(
            "!H", sequence & 0xFFFF
        )


@pytest.mark.parametrize("profile", PROFILES)
def test_it_refuses_a_key_of_the_wrong_length(profile: Profile) -> None:
    with pytest.raises((ValueError, Error, TypeError)):
        srtp.outbound_session(profile, b"short")


def test_it_cuts_keys_out_of_the_exported_material_in_the_order_of_rfc_5764() -> None:
    exported = bytes(range(AEAD_AES_128_GCM.exported_bytes))
    keys = srtp.split_keys(AEAD_AES_128_GCM, exported)
    assert keys.client == exported[:16] + exported[32:44]
    assert keys.server == exported[16:32] + exported[44:56]


def test_it_prefers_the_cheaper_profile() -> None:
    assert PROFILES == (AEAD_AES_128_GCM, AES128_CM_SHA1_80)


def test_it_gives_its_memory_back_once() -> None:
    session = srtp.outbound_session(AEAD_AES_128_GCM, os.urandom(28))
    session.release()
    session.release()
