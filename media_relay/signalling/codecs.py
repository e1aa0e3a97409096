"""Payload types and header-extension ids.

The relay picks them, the same for all peers, so that no packet needs rewriting. Each kind of media
has a payload type of its own: a packet is told apart by that one byte, before it is decrypted and
without MID or a table of SSRCs.
"""

from dataclasses import dataclass

from media_relay.forwarding.media_kind import MediaKind

OPUS = 111
VP8_CAMERA = 96
VP8_CAMERA_RTX = 97
VP8_SCREEN = 98
VP8_SCREEN_RTX = 99

# RFC 8285 one-byte ids. Under BUNDLE one id means one extension in all m-sections (RFC 9143 §9.2).
EXT_MID = 1
EXT_AUDIO_LEVEL = 2
EXT_ABS_SEND_TIME = 3
EXT_TRANSPORT_CC = 4

EXTENSION_URIS = {
    EXT_MID: "urn:ietf:params:rtp-hdrext:sdes:mid",
    EXT_AUDIO_LEVEL: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    EXT_ABS_SEND_TIME: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    EXT_TRANSPORT_CC: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
}


@dataclass(frozen=True)
class Payload:
    """What one payload type means.

    `rtx` is true for the retransmission stream of `kind` (RFC 4588).
    """

    kind: MediaKind
    rtx: bool


PAYLOADS = {
    OPUS: Payload(MediaKind.MICROPHONE, False),
    VP8_CAMERA: Payload(MediaKind.CAMERA, False),
    VP8_CAMERA_RTX: Payload(MediaKind.CAMERA, True),
    VP8_SCREEN: Payload(MediaKind.SCREEN, False),
    VP8_SCREEN_RTX: Payload(MediaKind.SCREEN, True),
}
PAYLOAD_TYPES = {
    MediaKind.MICROPHONE: OPUS,
    MediaKind.CAMERA: VP8_CAMERA,
    MediaKind.SCREEN: VP8_SCREEN,
}
RTX_PAYLOAD_TYPES = {MediaKind.CAMERA: VP8_CAMERA_RTX, MediaKind.SCREEN: VP8_SCREEN_RTX}
