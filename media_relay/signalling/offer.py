"""The one offer that every browser gets (JSEP, RFC 9429): five slots to receive, three sources to
send.

It is the same for all peers of a room but for the ICE credentials, so it is written once per room.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from media_relay.forwarding.media_kind import MediaKind
from media_relay.protocol.relay import AUDIO_SLOTS, SlotMids
from media_relay.signalling.codecs import (
    EXT_ABS_SEND_TIME,
    EXT_AUDIO_LEVEL,
    EXT_MID,
    EXT_TRANSPORT_CC,
    EXTENSION_URIS,
    OPUS,
    PAYLOAD_TYPES,
    RTX_PAYLOAD_TYPES,
)

SLOT_KINDS = (*[MediaKind.MICROPHONE] * AUDIO_SLOTS, MediaKind.CAMERA, MediaKind.SCREEN)
SOURCE_KINDS = (MediaKind.MICROPHONE, MediaKind.CAMERA, MediaKind.SCREEN)
SECTIONS = len(SLOT_KINDS) + len(SOURCE_KINDS)
SOURCE_MIDS = {str(len(SLOT_KINDS) + i): kind for i, kind in enumerate(SOURCE_KINDS)}
SLOT_MIDS = {str(i): kind for i, kind in enumerate(SLOT_KINDS)}
MIDS = SlotMids(  # The same, as the page is told.
    audio=tuple(str(i) for i in range(AUDIO_SLOTS)),
    video=str(AUDIO_SLOTS),
    screen=str(AUDIO_SLOTS + 1),
    microphone=str(AUDIO_SLOTS + 2),
    camera=str(AUDIO_SLOTS + 3),
    display=str(AUDIO_SLOTS + 4),
)

CNAME = "parley"
# In-band FEC and discontinuous transmission are asked for here, and told of ourselves, because a
# browser takes what it may send from the other side's fmtp (RFC 7587 §7).
OPUS_FMTP = "minptime=10;useinbandfec=1;usedtx=1;maxaveragebitrate=40000"
# A 720p camera at a good path; congestion control corrects it within a second.
START_BITRATE_KBPS = 1200
HOST_PRIORITY = 126 << 24 | 65535 << 8 | 255  # RFC 8445 §5.1.2.1: host candidate, component 1.


@dataclass(frozen=True)
class SlotSsrcs:
    """The SSRCs of a room's outgoing streams, in the order of `SLOT_KINDS`, and of what repeats the
    pictures.
    """

    ssrcs: tuple[int, ...]
    rtx: Mapping[MediaKind, int]

    @classmethod
    def draw(cls) -> "SlotSsrcs":
        drawn: set[int] = set()
        while len(drawn) < len(SLOT_KINDS) + len(RTX_PAYLOAD_TYPES):
            drawn.add(secrets.randbelow(0xFFFF_FFFE) + 1)
        ssrcs = tuple(drawn)
        return cls(
            ssrcs[: len(SLOT_KINDS)],
            dict(zip(RTX_PAYLOAD_TYPES, ssrcs[len(SLOT_KINDS) :], strict=True)),
        )


@dataclass(frozen=True)
class Endpoint:
    """Where this relay can be reached and by which certificate it is known."""

    addresses: Sequence[str]
    port: int
    fingerprint: str


def _stream(mid: str, kind: MediaKind) -> str:
    """Return the media stream a slot belongs to.

    Browsers keep lips and voice together within a stream, but only one voice in each: the loudest
    one's slot goes with the camera. With all three in one stream Chromium synchronised the picture
    with an empty slot.
    """
    if kind is MediaKind.SCREEN:
        return "screen"
    return "stage" if kind is MediaKind.CAMERA or mid == "0" else f"stage{mid}"


def _payloads(kind: MediaKind) -> list[int]:
    return [PAYLOAD_TYPES[kind]] + ([RTX_PAYLOAD_TYPES[kind]] if kind.is_video else [])


def _rtx(kind: MediaKind) -> list[str]:
    rtx = RTX_PAYLOAD_TYPES[kind]
    return [f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={PAYLOAD_TYPES[kind]}"]


class OfferTemplate:
    """The offer of one room. `text_for` puts in what differs from peer to peer."""

    # The mark of the two lines that each section has of a peer's own.
    CREDENTIALS = "@credentials@"

    def __init__(self, endpoint: Endpoint, slots: SlotSsrcs) -> None:
        self._endpoint = endpoint
        lines = self._session()
        for (mid, kind), ssrc in zip(SLOT_MIDS.items(), slots.ssrcs, strict=True):
            lines += self._slot(mid, kind, ssrc)
            if kind in slots.rtx:
                lines += self._repeats(mid, kind, ssrc, slots.rtx[kind])
        for mid, kind in SOURCE_MIDS.items():
            lines += self._source(mid, kind)
        self._pieces = ("\r\n".join(lines) + "\r\n").split(self.CREDENTIALS)

    def text_for(self, ufrag: str, password: str) -> str:
        return f"a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}".join(self._pieces)

    def _session(self) -> list[str]:
        mids = " ".join(str(mid) for mid in range(SECTIONS))
        return [
            "v=0",
            f"o=- {secrets.randbelow(2**62)} 1 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=ice-lite",
            f"a=group:BUNDLE {mids}",
            "a=msid-semantic: WMS *",
        ]

    def _transport(self, mid: str) -> list[str]:
        lines = [
            "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            self.CREDENTIALS,
            f"a=fingerprint:sha-256 {self._endpoint.fingerprint}",
            "a=setup:actpass",
            "a=rtcp-mux",
            "a=rtcp-rsize",
        ]
        return [*lines, *self._candidates()]

    def _candidates(self) -> list[str]:
        """Return host candidates, in falling priority.

        Browsers take the first m-section's, aiortc the last's.
        """
        lines = [
            f"a=candidate:{i + 1} 1 udp {HOST_PRIORITY - (i << 8)} {host} {self._endpoint.port} typ host"
            for i, host in enumerate(self._endpoint.addresses)
        ]
        return [*lines, "a=end-of-candidates"]

    def _slot(self, mid: str, kind: MediaKind, ssrc: int) -> list[str]:
        """A slot offers no header extensions; those of the publisher are blanked."""
        stream = _stream(mid, kind)
        return [
            self._media(kind, _payloads(kind)),
            *self._transport(mid),
            "a=sendonly",
            f"a=msid:{stream} slot{mid}",
            *self._codec(kind),
            f"a=ssrc:{ssrc} cname:{CNAME}",
            f"a=ssrc:{ssrc} msid:{stream} slot{mid}",
        ]

    @staticmethod
    def _repeats(mid: str, kind: MediaKind, ssrc: int, rtx_ssrc: int) -> list[str]:
        """Pictures are sent again in a stream of their own, so that a browser's reports still tell
        what was lost.
        """
        return [
            *_rtx(kind),
            f"a=ssrc-group:FID {ssrc} {rtx_ssrc}",
            f"a=ssrc:{rtx_ssrc} cname:{CNAME}",
            f"a=ssrc:{rtx_ssrc} msid:{_stream(mid, kind)} slot{mid}",
        ]

    def _source(self, mid: str, kind: MediaKind) -> list[str]:
        ids = (
            [EXT_MID, EXT_ABS_SEND_TIME, EXT_TRANSPORT_CC]
            if kind.is_video
            else [EXT_MID, EXT_AUDIO_LEVEL, EXT_TRANSPORT_CC]
        )
        lines = [self._media(kind, _payloads(kind)), *self._transport(mid), "a=recvonly"]
        lines += [f"a=extmap:{number} {EXTENSION_URIS[number]}" for number in ids]
        lines += self._codec(kind)
        payload = PAYLOAD_TYPES[kind]
        lines += [f"a=rtcp-fb:{payload} goog-remb", f"a=rtcp-fb:{payload} transport-cc"]
        if kind.is_video:
            # Chromium begins at 300 kbit/s and takes a quarter of a minute to 1 Mbit/s; with this
            # it takes two seconds.
            lines += [f"a=fmtp:{payload} x-google-start-bitrate={START_BITRATE_KBPS}"]
            lines += _rtx(kind)
        return lines

    @staticmethod
    def _media(kind: MediaKind, payloads: list[int]) -> str:
        media = "video" if kind.is_video else "audio"
        return f"m={media} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, payloads))}"

    @staticmethod
    def _codec(kind: MediaKind) -> list[str]:
        if not kind.is_video:
            return [
                f"a=rtpmap:{OPUS} opus/48000/2",
                f"a=fmtp:{OPUS} {OPUS_FMTP}",
                f"a=rtcp-fb:{OPUS} nack",
            ]
        payload = PAYLOAD_TYPES[kind]
        feedback = [f"a=rtcp-fb:{payload} {what}" for what in ("nack", "nack pli", "ccm fir")]
        return [f"a=rtpmap:{payload} VP8/90000", *feedback]
