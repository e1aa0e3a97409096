"""What a relay says to one socket, through the channel layer:

Channels finds the method by the message's type.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from spaces.consumers.media import MediaLink
from spaces.rooms import snapshot
from spaces.rooms.encoding import dump

Notice = Mapping[str, Any]  # Any: what the channel layer carries.


class FromRelay:
    """The half of a socket that listens to relays."""

    @property
    @abstractmethod
    def media(self) -> MediaLink: ...

    @abstractmethod
    def push(self, text: str) -> None: ...

    async def relay_offer(self, notice: Notice) -> None:
        self.media.on_offer(dict(notice))

    async def relay_accepted(self, notice: Notice) -> None:
        self.media.on_accepted(dict(notice))

    async def relay_error(self, notice: Notice) -> None:
        self.media.on_error(dict(notice))

    async def relay_connected(self, notice: Notice) -> None:
        self.media.on_connected(dict(notice))

    async def relay_closed(self, notice: Notice) -> None:
        self.media.on_closed(dict(notice))

    async def relay_speaker(self, notice: Notice) -> None:
        self.push(
            dump(
                {
                    "type": "speaker.changed",
                    "assigned": snapshot.carried(notice["assigned"]),
                    "personal": True,
                }
            )
        )

    async def relay_health(self, notice: Notice) -> None:
        self.push(
            dump({"type": "media.health", "level": notice["level"], "sending": notice["sending"]})
        )
