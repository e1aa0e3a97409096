"""What every room and peer of one relay has in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from media_relay.clock import Clock
from media_relay.forwarding.media_kind import MediaKind
from media_relay.metrics import Metrics
from media_relay.protocol.relay import RelayMessage
from media_relay.rooms.source_limits import SOURCE_LIMITS, SourceLimit
from media_relay.signalling.offer import Endpoint
from media_relay.transport.dtls import Certificate
from media_relay.transport.udp_sender import UdpSender

Later = Callable[[float, Callable[[], object]], object]


class WebMessenger(Protocol):
    """The way back to the web.

    Never blocks; a web that does not listen loses messages, not the relay its time.
    """

    def to_peer(self, reply_to: str, message: RelayMessage) -> None:
        """Send to the socket that asked for a peer."""

    def to_space(self, space: str, message: RelayMessage) -> None:
        """Send to all sockets of a Space."""


@dataclass(frozen=True)
class RelayContext:
    relay: str
    udp_sender: UdpSender
    certificate: Certificate
    metrics: Metrics
    clock: Clock
    later: Later  # Seconds and a callback: loop.call_later.
    endpoint: Endpoint
    web: WebMessenger
    max_publishers: int
    source_limits: Mapping[MediaKind, SourceLimit] = field(default_factory=lambda: SOURCE_LIMITS)
