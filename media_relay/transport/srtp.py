"""SRTP sessions through pylibsrtp's cffi binding: packets are protected and opened in place.

pylibsrtp's own `Session` copies every packet twice, refuses packets above 1356 bytes and keeps 1.5
kB per session. Source: RFC 3711, RFC 7714.
"""

from dataclasses import dataclass

from pylibsrtp import Policy
from pylibsrtp._binding import ffi, lib

OK = 0
REPLAY_FAIL = 9  # srtp_err_status_replay_fail: this packet was here before.
REPLAY_OLD = 10  # srtp_err_status_replay_old: further back than the window.
WINDOW = 1024  # Packets. How far back a late packet, and a retransmission of ours, may lie.
EXPORTER_LABEL = b"EXTRACTOR-dtls_srtp"  # RFC 5764 §4.2.


@dataclass(frozen=True)
class Profile:
    """A protection profile of RFC 5764 and RFC 7714."""

    openssl_name: bytes
    libsrtp: int
    key_bytes: int
    salt_bytes: int
    tag_bytes: int

    @property
    def exported_bytes(self) -> int:
        return 2 * (self.key_bytes + self.salt_bytes)


AEAD_AES_128_GCM = Profile(
    b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12, 16
)
AES128_CM_SHA1_80 = Profile(
    b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14, 10
)
# GCM first: with AES instructions it costs a third of AES-CM with HMAC-SHA1.
PROFILES = (AEAD_AES_128_GCM, AES128_CM_SHA1_80)
PROFILES_BY_NAME = {profile.openssl_name: profile for profile in PROFILES}


@dataclass(frozen=True)
class SrtpKeys:
    """Master key, then salt, of each direction."""

    profile: Profile
    client: bytes
    server: bytes


def split_keys(profile: Profile, exported: bytes) -> SrtpKeys:
    """Cut what DTLS exported into keys (RFC 5764 §4.2).

    | client's key | server's key | client's salt | server's salt |
    """
    key = profile.key_bytes
    salts = exported[2 * key :]
    client = exported[:key] + salts[: profile.salt_bytes]
    server = exported[key : 2 * key] + salts[profile.salt_bytes :]
    return SrtpKeys(profile, client, server)


class SrtpSession:
    """One direction of one peer. `handle` is what libsrtp's functions take."""

    __slots__ = ("_owner", "handle", "profile")

    def __init__(self, profile: Profile, key: bytes, ssrc_type: int) -> None:
        policy = Policy(key=key, ssrc_type=ssrc_type, srtp_profile=profile.libsrtp)
        policy.window_size = WINDOW
        # A listener's NACK is answered with the very same packet under the same number.
        policy.allow_repeat_tx = True
        owner = ffi.new("srtp_t *")
        status = lib.srtp_create(owner, policy._policy)
        if status != OK:
            raise ValueError(f"libsrtp refused a session: status {status}")
        self._owner = ffi.gc(owner, lambda owned: lib.srtp_dealloc(owned[0]))
        self.handle = owner[0]
        self.profile = profile

    def release(self) -> None:
        """Give the memory back now. The session must not be used after this."""
        ffi.release(self._owner)


def inbound_session(profile: Profile, key: bytes) -> SrtpSession:
    return SrtpSession(profile, key, Policy.SSRC_ANY_INBOUND)


def outbound_session(profile: Profile, key: bytes) -> SrtpSession:
    return SrtpSession(profile, key, Policy.SSRC_ANY_OUTBOUND)
