"""What a relay says to one socket, through the channel layer.

Channels finds the method by the message's type.
"""

import logging
from abc import abstractmethod

from accounts.realtime.socket import Socket
from media_relay.protocol import relay
from spaces.consumers.media import MediaLink
from spaces.rooms import snapshot
from spaces.rooms.messages import MediaHealthMessage, SpeakerChangedMessage

log = logging.getLogger(__name__)


class RelayEvents(Socket):
    """The half of a room socket that listens to relays.

    `event` is what the channel layer carries: one of `media_relay.protocol.relay.RelayMessage`.
    """

    @property
    @abstractmethod
    def media(self) -> MediaLink: ...

    async def relay_offer(self, event: object) -> None:
        self._on_relay_event(event)

    async def relay_accepted(self, event: object) -> None:
        self._on_relay_event(event)

    async def relay_error(self, event: object) -> None:
        self._on_relay_event(event)

    async def relay_connected(self, event: object) -> None:
        self._on_relay_event(event)

    async def relay_closed(self, event: object) -> None:
        self._on_relay_event(event)

    async def relay_speaker(self, event: object) -> None:
        self._on_relay_event(event)

    async def relay_health(self, event: object) -> None:
        self._on_relay_event(event)

    def _on_relay_event(self, event: object) -> None:
        try:
            message = relay.parse_message(event)
        except ValueError as error:  # A relay of another release: its socket must not die of that.
            log.warning("A relay's message could not be read: %s", error)
            return
        match message:
            case relay.Offer() as offer:
                self.media.on_offer(offer)
            case relay.Accepted() as reply:
                self.media.on_accepted(reply)
            case relay.Refusal() as refusal:
                self.media.on_refusal(refusal)
            case relay.Connected(peer=peer):
                self.media.on_connected(peer)
            case relay.Closed(peer=peer, reason=reason):
                self.media.on_closed(peer, reason)
            # What is said of a connection is said again, perhaps after another has taken its place.
            case relay.Speaker(peer=peer) | relay.PathHealth(peer=peer) if (
                peer and not self.media.has(peer)
            ):
                return
            case relay.Speaker(assigned=assigned):
                # To one socket: its streams carry others than the room's slots, for it is on stage
                # or has a pin. What the room's slots carry comes through the hub.
                self.media.tell(SpeakerChangedMessage(snapshot.assigned(assigned), personal=True))
            case relay.PathHealth(level=level, sending=sending):
                self.media.tell(MediaHealthMessage(level, sending))
