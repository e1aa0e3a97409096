"""Reading the browser's answer (RFC 8866, RFC 9429): just what the relay needs, in one pass.

aiortc's parser is not used on text from outside: its time grows with the product of codec and
feedback lines, and it raises many types.
"""

import re
from dataclasses import dataclass, field

from media_relay.errors import ProtocolError
from media_relay.forwarding.media_kind import MediaKind
from media_relay.protocol.relay import MAX_SDP_BYTES
from media_relay.signalling.codecs import PAYLOAD_TYPES, RTX_PAYLOAD_TYPES
from media_relay.signalling.offer import SECTIONS, SLOT_MIDS, SOURCE_MIDS

MAX_LINES = 600  # Chromium's answer has about 150.
MAX_LINE = 1024
MAX_CODEC_LINES = 64  # DESIGN §4.7.
COUNTED = (
    ("\n", MAX_LINES, "lines"),
    ("\nm=", SECTIONS, "m-sections"),
    ("a=rtpmap:", MAX_CODEC_LINES, "codecs"),
)
TOKEN = re.compile(r"[A-Za-z0-9+/]{4,256}\Z")  # ice-char, RFC 8839 §5.4.
PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}\Z")
FINGERPRINT = re.compile(r"sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})\Z", re.IGNORECASE)
MEDIA = re.compile(r"(audio|video) (\d{1,5}) UDP/TLS/RTP/SAVPF((?: \d{1,3}){1,32})\Z")
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
# Fifty of an answer's 150 lines: m-lines and the attributes that are read, with their values.
# aiortc sends three fingerprints; one that can be checked is enough.
WANTED = re.compile(
    r"\n(?:m=(.*)|a=(mid|ice-ufrag|ice-pwd|setup|fingerprint(?=:(?i:sha-256) )"
    r"|send(?:recv|only)|recvonly|inactive)(?::(.*))?(?=\n|\Z))"
)


@dataclass
class _Section:
    """One m-section while it is read. `attributes` holds the first value of each attribute."""

    payloads: frozenset[int]
    port: int
    attributes: dict[str, str] = field(default_factory=dict)

    def may(self, verb: str) -> bool:
        """Return whether the direction lets it `send` or `recv`; without one it does both."""
        direction = next((name for name in DIRECTIONS if name in self.attributes), "sendrecv")
        return verb in direction


@dataclass(frozen=True)
class SdpAnswer:
    """What one browser agreed to."""

    ufrag: str
    password: str
    fingerprint: str
    is_dtls_server: bool
    sends: frozenset[MediaKind]  # What it may send at some time.
    receives: frozenset[MediaKind]
    rtx_kinds: frozenset[MediaKind]  # What it takes again in a stream of its own.


def parse_answer(text: str) -> SdpAnswer:
    """Return the answer in `text`.

    Raises ProtocolError with code `bad_sdp` or `sdp_too_large`, nothing else.
    """
    session, sections = _read(text)
    if len(sections) != SECTIONS:
        raise ProtocolError(
            "bad_sdp", f"The answer has {len(sections)} m-sections instead of {SECTIONS}"
        )
    by_mid = {section.attributes.get("mid", ""): section for section in sections}
    if by_mid.keys() != SLOT_MIDS.keys() | SOURCE_MIDS.keys():
        raise ProtocolError("bad_sdp", "The answer's mids are not those of the offer")
    live: dict[str, _Section] = {}
    for mid, section in by_mid.items():
        kind = SLOT_MIDS.get(mid) or SOURCE_MIDS[mid]
        # A section with port 0 is rejected, one without the only codec is of no use.
        if section.port != 0 and PAYLOAD_TYPES[kind] in section.payloads:
            live[mid] = section
    if not live:
        raise ProtocolError("bad_sdp", "The answer rejects everything")

    # Under BUNDLE the first section that is taken speaks for all (RFC 9143 §7.3.3); a client may
    # also write its credentials once, for the whole session.
    bundle = next(iter(live.values())).attributes
    ufrag = bundle.get("ice-ufrag") or session.get("ice-ufrag", "")
    if not TOKEN.match(ufrag):
        raise ProtocolError("bad_sdp", "The answer has no good ice-ufrag")
    password = bundle.get("ice-pwd") or session.get("ice-pwd", "")
    if not PASSWORD.match(password):
        raise ProtocolError("bad_sdp", "The answer has no good ice-pwd")
    fingerprint = FINGERPRINT.match(bundle.get("fingerprint") or session.get("fingerprint", ""))
    if fingerprint is None:
        raise ProtocolError("bad_sdp", "The answer has no sha-256 fingerprint")
    setup = bundle.get("setup") or session.get("setup", "")
    if setup not in ("active", "passive"):
        raise ProtocolError("bad_sdp", "The answer's setup is neither active nor passive")

    sends = {SOURCE_MIDS[mid] for mid in live if mid in SOURCE_MIDS and live[mid].may("send")}
    slots = {mid: section for mid, section in live.items() if mid in SLOT_MIDS}
    receives = {SLOT_MIDS[mid] for mid, section in slots.items() if section.may("recv")}
    rtx_kinds = {
        SLOT_MIDS[mid]
        for mid, section in slots.items()
        if RTX_PAYLOAD_TYPES.get(SLOT_MIDS[mid]) in section.payloads
    }
    return SdpAnswer(
        ufrag=ufrag,
        password=password,
        fingerprint=fingerprint[1].upper(),
        is_dtls_server=setup == "passive",
        sends=frozenset(sends),
        receives=frozenset(receives),
        rtx_kinds=frozenset(rtx_kinds),
    )


def _read(text: str) -> tuple[dict[str, str], list[_Section]]:
    """Return the session's attributes and the m-sections.

    The first of several equal attributes counts.
    """
    # All the counting that needs no parsing comes first. `len` counts characters; other than ASCII
    # takes more bytes.
    if len(text) > MAX_SDP_BYTES or (
        not text.isascii() and len(text.encode(errors="replace")) > MAX_SDP_BYTES
    ):
        raise ProtocolError("sdp_too_large", f"The answer is longer than {MAX_SDP_BYTES} bytes")
    for mark, limit, what in COUNTED:
        if text.count(mark) > limit:
            raise ProtocolError("sdp_too_large", f"The answer has more than {limit} {what}")
    text = text.replace("\r", "")
    if max(map(len, text.split("\n"))) > MAX_LINE:
        raise ProtocolError("sdp_too_large", "A line of the answer is too long")
    if not text.startswith("v=0\n"):
        raise ProtocolError("bad_sdp", "The answer does not begin with v=0")
    sections: list[_Section] = []
    session: dict[str, str] = {}
    attributes = session
    for media, name, value in WANTED.findall(text):
        if name:
            attributes.setdefault(name, value)
            continue
        match = MEDIA.match(media)
        if match is None:
            raise ProtocolError("bad_sdp", "An m-line of the answer is unreadable")
        sections.append(_Section(frozenset(map(int, match[3].split())), int(match[2])))
        attributes = sections[-1].attributes
    return session, sections
