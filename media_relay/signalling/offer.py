"""The one offer that every browser gets (JSEP, RFC 9429): five slots and three sources.

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
    """The SSRCs of a room's slots, in the order of `SLOT_KINDS`, and of their RTX streams."""

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


class OfferTemplate:
    """The offer of one room. `text_for` puts in what differs from peer to peer."""

    # Stands for the two lines that each section has of a peer's own.
    CREDENTIALS = "@credentials@"

    def __init__(self, endpoint: Endpoint, ssrcs: SlotSsrcs) -> None:
        self._endpoint = endpoint
        mids = " ".join(str(mid) for mid in range(SECTIONS))
        lines = [
            "v=0",
            f"o=- {secrets.randbelow(2**62)} 1 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=ice-lite",
            f"a=group:BUNDLE {mids}",
            "a=msid-semantic: WMS *",
        ]
        for (mid, kind), ssrc in zip(SLOT_MIDS.items(), ssrcs.ssrcs, strict=True):
            lines += self._slot(mid, kind, ssrc, ssrcs.rtx.get(kind))
        for mid, kind in SOURCE_MIDS.items():
            lines += self._source(mid, kind)
        self._pieces = ("\r\n".join(lines) + "\r\n").split(self.CREDENTIALS)

    def text_for(self, ufrag: str, password: str) -> str:
        return f"a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}".join(self._pieces)

    def _slot(self, mid: str, kind: MediaKind, ssrc: int, rtx_ssrc: int | None) -> list[str]:
        """Return the section of a stream that the browser receives.

        It offers no header extensions; those of the publisher are taken off.
        """
        # Browsers keep lips and voice together within a media stream, but only one voice in each:
        # the first audio slot, which is never empty alone, goes with the camera. With all three in
        # one stream Chromium synchronised the picture with an empty slot.
        stream = f"stage{mid}"
        if kind is MediaKind.SCREEN:
            stream = "screen"
        elif kind is MediaKind.CAMERA or mid == "0":
            stream = "stage"
        lines = [
            *self._media(mid, kind),
            "a=sendonly",
            f"a=msid:{stream} slot{mid}",
            *_codec(kind),
            f"a=ssrc:{ssrc} cname:{CNAME}",
            f"a=ssrc:{ssrc} msid:{stream} slot{mid}",
        ]
        if rtx_ssrc is not None:
            # Pictures are sent again in a stream of their own, so that a browser's reports still
            # tell what was lost.
            lines += [
                *_rtx(kind),
                f"a=ssrc-group:FID {ssrc} {rtx_ssrc}",
                f"a=ssrc:{rtx_ssrc} cname:{CNAME}",
                f"a=ssrc:{rtx_ssrc} msid:{stream} slot{mid}",
            ]
        return lines

    def _source(self, mid: str, kind: MediaKind) -> list[str]:
        """Return the section of a track that the browser may send."""
        lines = [*self._media(mid, kind), "a=recvonly"]
        own = EXT_ABS_SEND_TIME if kind.is_video else EXT_AUDIO_LEVEL
        for number in (EXT_MID, own, EXT_TRANSPORT_CC):
            lines.append(f"a=extmap:{number} {EXTENSION_URIS[number]}")
        lines += _codec(kind)
        payload = PAYLOAD_TYPES[kind]
        lines += [f"a=rtcp-fb:{payload} goog-remb", f"a=rtcp-fb:{payload} transport-cc"]
        if kind.is_video:
            # Chromium begins at 300 kbit/s and takes a quarter of a minute to 1 Mbit/s; with this
            # it takes two seconds.
            lines.append(f"a=fmtp:{payload} x-google-start-bitrate={START_BITRATE_KBPS}")
            lines += _rtx(kind)
        return lines

    def _media(self, mid: str, kind: MediaKind) -> list[str]:
        """Return the m-line and what all sections have after it."""
        media = "video" if kind.is_video else "audio"
        payloads = str(PAYLOAD_TYPES[kind])
        if kind in RTX_PAYLOAD_TYPES:
            payloads += f" {RTX_PAYLOAD_TYPES[kind]}"
        lines = [
            f"m={media} 9 UDP/TLS/RTP/SAVPF {payloads}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            self.CREDENTIALS,
            f"a=fingerprint:sha-256 {self._endpoint.fingerprint}",
            "a=setup:actpass",
            "a=rtcp-mux",
            "a=rtcp-rsize",
        ]
        # Host candidates in falling priority, in each section: browsers take those of the first,
        # aiortc those of the last.
        for index, host in enumerate(self._endpoint.addresses):
            priority = HOST_PRIORITY - (index << 8)
            port = self._endpoint.port
            lines.append(f"a=candidate:{index + 1} 1 udp {priority} {host} {port} typ host")
        lines.append("a=end-of-candidates")
        return lines


def _codec(kind: MediaKind) -> list[str]:
    if not kind.is_video:
        return [
            f"a=rtpmap:{OPUS} opus/48000/2",
            f"a=fmtp:{OPUS} {OPUS_FMTP}",
            f"a=rtcp-fb:{OPUS} nack",
        ]
    payload = PAYLOAD_TYPES[kind]
    return [
        f"a=rtpmap:{payload} VP8/90000",
        f"a=rtcp-fb:{payload} nack",
        f"a=rtcp-fb:{payload} nack pli",
        f"a=rtcp-fb:{payload} ccm fir",
    ]


def _rtx(kind: MediaKind) -> list[str]:
    rtx = RTX_PAYLOAD_TYPES[kind]
    return [f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={PAYLOAD_TYPES[kind]}"]
