"""What can go wrong between the web, a peer and the relay."""

from typing import Literal

# Stable: by the code the web decides whether it asks another relay.
Code = Literal[
    "bad_request",
    "bad_sdp",
    "draining",
    "dtls_failed",
    "grant_expired",
    "peer_exists",
    "relay_full",
    "sdp_too_large",
    "unknown_peer",
    "wrong_fingerprint",
]


class ProtocolError(Exception):
    """A peer or the bus broke the protocol: close it and count it. `text` is for the log."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
