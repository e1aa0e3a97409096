"""The media side of one socket: asks a relay for a connection, passes the answer on, ends it with
the socket.
"""

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Protocol

import redis

from accounts.realtime.wire import word_of
from config.limits import LIMITS
from media_relay.protocol import relay as protocol
from spaces.relay import client, placement, turn, watch
from spaces.relay.grants import MediaGrant
from spaces.rooms import snapshot
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.messages import (
    Answer,
    MediaClosedMessage,
    MediaConnectedMessage,
    MediaOfferMessage,
    OkMessage,
    RoomMessage,
)

# An offer takes a relay a millisecond; one that is silent for so long is dead or drowning.
REPLY_S = 4.0
TRIES = 2
log = logging.getLogger(__name__)


@dataclass
class Waiting:
    """One request that a relay has not answered yet."""

    link: "Link"
    ref: str | None
    timer: asyncio.TimerHandle
    tried: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Link:
    """One connection at one relay."""

    relay: str
    peer: str


class MediaSocket(Protocol):
    """What the media side needs of a room socket. `grant` raises RoomError."""

    space: str
    user: int | None
    channel_name: str

    async def grant(self) -> MediaGrant: ...

    def answer(self, ref: str | None, message: Answer) -> None: ...

    def push(self, message: RoomMessage) -> None: ...

    def refuse(self, ref: str | None, code: ErrorCode) -> None: ...


class MediaLink:
    """At most one connection, and beside it the one it takes over from, which goes on until the new
    one stands.
    """

    def __init__(self, socket: MediaSocket) -> None:
        self._socket = socket
        self._waiting: dict[str, Waiting] = {}
        self._link: Link | None = None
        self._former: Link | None = None
        self._is_connected = False
        # What the page was told of the connection last, by the word on the wire.
        self._told: dict[str, RoomMessage] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- from the browser -------------------------------------------------------------------------

    async def connect(self, ref: str | None) -> None:
        """Ask for a new connection.

        The offer comes later; raises RoomError no_relay if there is no relay to ask.
        """
        if self._link is not None and self._is_connected:
            # It goes on until the new one stands, so that listening has no gap.
            self._former = self._link
        elif self._link is not None:
            await self._drop(self._link, "replaced")
        self._link = None
        try:
            await self._open(ref, [])
        except RoomError:
            self._fall_back()
            raise

    async def accept(self, ref: str | None, peer: str, sdp: str) -> None:
        """Pass the browser's answer on.

        Raises RoomError media_failed if that connection is not ours (any more).
        """
        if self._link is None or peer != self._link.peer:
            raise RoomError(ErrorCode.MEDIA_FAILED)
        request = self._wait(self._link, ref, [])
        await self._send(
            self._link.relay, protocol.AnswerPeer(request, peer, sdp, self._socket.channel_name)
        )

    async def set_video(self, on: bool) -> None:
        if self._link:
            await self._send(self._link.relay, protocol.SetPeerVideo(self._link.peer, on))

    async def pin(self, user: int | None) -> None:
        if self._link:
            await self._send(
                self._link.relay,
                protocol.SetPeerPin(self._link.peer, None if user is None else str(user)),
            )

    async def close(self, reason: str) -> None:
        """Tell the relay that this socket's connections are gone; wait for no answer any more."""
        watch.watch().discard(self)
        self._stop_waiting()
        links, self._link, self._former = (self._former, self._link), None, None
        for link in links:
            if link is not None:
                await self._drop(link, reason)

    def abandon(self) -> None:
        """Let sound go on for as long as the presence does: the socket is lost, the user has not
        left.

        The page that comes back asks for a new connection, and the relay drops this one when that
        stands.
        """
        watch.watch().discard(self)
        self._stop_waiting()
        links = [link for link in (self._former, self._link) if link is not None]

        def drop() -> None:
            for link in links:
                self._begin(self._drop(link, "left"), "media.abandoned")

        # As long as a page may take to come back with its microphone as it was (RULES §6).
        asyncio.get_running_loop().call_later(LIMITS.gone_after_s, drop)

    def _stop_waiting(self) -> None:
        for task in self._tasks:
            task.cancel()
        for waiting in self._waiting.values():
            waiting.timer.cancel()
        self._waiting.clear()

    # --- from the relay ---------------------------------------------------------------------------

    def on_offer(self, offer: protocol.Offer) -> None:
        waiting = self._done(offer.request)
        # The connection may have been replaced while its offer was under way.
        if waiting is None or waiting.link != self._link:
            return
        message = MediaOfferMessage(
            peer=offer.peer,
            sdp=offer.sdp,
            slots=offer.slots,
            ice_servers=turn.servers_for(self._socket.user),
            assigned=snapshot.assigned(offer.assigned),
        )
        self._socket.answer(waiting.ref, message)

    def on_accepted(self, reply: protocol.Accepted) -> None:
        waiting = self._done(reply.request)
        if waiting is not None:
            self._socket.answer(waiting.ref, OkMessage())

    def on_refusal(self, refusal: protocol.Refusal) -> None:
        """A refused offer is tried elsewhere; a refused answer is the browser's to repeat."""
        waiting = self._done(refusal.request)
        if waiting is not None:
            log.info("Relay %s refused: %s %s", waiting.link.relay, refusal.code, refusal.text)
            self._failed(waiting)

    def on_silence(self, request: str) -> None:
        """The relay has not answered in time; an answer that comes yet is not waited for."""
        waiting = self._done(request)
        if waiting is not None:
            log.warning("Relay %s did not answer within %s s", waiting.link.relay, REPLY_S)
            self._failed(waiting)

    def on_connected(self, peer: str) -> None:
        """The new connection stands: the one before is dropped when the page has taken it up."""
        if self._link is None or peer != self._link.peer or self._is_connected:
            return  # Of another connection; or said again, in case it was not heard.
        self._is_connected = True
        watch.watch().add(self)
        self._told.clear()
        self.tell(MediaConnectedMessage(peer))
        former, self._former = self._former, None
        # With an account the relay does that by itself; a visitor's it cannot know.
        if former is not None:
            asyncio.get_running_loop().call_later(
                protocol.HANDOVER_S,
                lambda: self._begin(self._drop(former, "replaced"), "media.drop"),
            )

    def on_closed(self, peer: str, reason: str) -> None:
        """The relay closed it; nothing is left to close."""
        # The page hears nothing of an older connection: it would ask for another one.
        if self._former and peer == self._former.peer:
            self._former = None
        if self._link is None or peer != self._link.peer:
            return
        self._link = None
        self._told.clear()
        self.tell(MediaClosedMessage(peer, reason))

    def tell(self, message: RoomMessage) -> None:
        """Tell the page something of its connection, and keep it for `say_again`."""
        self._told[word_of(type(message))] = message
        self._socket.push(message)

    def say_again(self) -> None:
        """Tell the page how its connection is: it may have missed it."""
        for message in self._told.values():
            self._socket.push(message)

    def has(self, peer: str) -> bool:
        """True for a connection of this socket that plays, or is about to."""
        return any(link is not None and link.peer == peer for link in (self._former, self._link))

    @property
    def relays(self) -> list[str]:
        """Where the connections are that stand; what is under way has its own time limits."""
        standing = [self._former, self._link if self._is_connected else None]
        return [link.relay for link in standing if link is not None]

    def on_lost(self, relay: str) -> None:
        """The relay is dead: it will not say so itself, and the browser notices seconds later."""
        if self._former is not None and self._former.relay == relay:
            self._former = None
        if self._link is not None and self._link.relay == relay and self._is_connected:
            self.on_closed(self._link.peer, "relay_lost")

    # ----------------------------------------------------------------------------------------------

    async def _open(self, ref: str | None, tried: list[str]) -> None:
        grant = await self._socket.grant()
        try:
            relay = await placement.choose(self._socket.space, stage=grant.stage, without=tried)
        except redis.RedisError as error:
            raise RoomError(ErrorCode.NO_RELAY) from error
        if relay is None:
            raise RoomError(ErrorCode.NO_RELAY)
        self._link, self._is_connected = Link(relay, secrets.token_hex(16)), False
        request = self._wait(self._link, ref, [*tried, relay])
        opening = protocol.OpenPeer(
            request=request,
            reply_to=self._socket.channel_name,
            peer=self._link.peer,
            space=self._socket.space,
            user="" if self._socket.user is None else str(self._socket.user),
            stage=grant.stage,
            expires_at=client.grant_until(),
            policy=grant.policy,
        )
        await self._send(relay, opening)

    async def _send(self, relay: str, request: protocol.Request) -> None:
        try:
            if isinstance(request, protocol.OpenPeer):
                await client.open_peer(relay, request)
            else:
                await client.send(relay, request)
        except redis.RedisError as error:
            raise RoomError(ErrorCode.NO_RELAY) from error

    async def _drop(self, link: Link, reason: str) -> None:
        try:
            await client.close_peer(
                link.relay,
                self._socket.space,
                self._socket.user,
                protocol.ClosePeer(link.peer, reason),
            )
        except redis.RedisError as error:
            # The relay drops a silent peer by itself.
            log.warning("Relay %s was not told that %s is gone: %s", link.relay, link.peer, error)

    def _fall_back(self) -> None:
        """The new connection came to nothing: what there was before goes on, until the page asks
        anew.
        """
        self._link, self._former = self._former, None
        self._is_connected = self._link is not None

    def _wait(self, link: Link, ref: str | None, tried: list[str]) -> str:
        request = secrets.token_hex(8)
        timer = asyncio.get_running_loop().call_later(REPLY_S, self.on_silence, request)
        self._waiting[request] = Waiting(link, ref, timer, tried)
        return request

    def _done(self, request: str) -> Waiting | None:
        waiting = self._waiting.pop(request, None)
        if waiting is not None:
            waiting.timer.cancel()
        return waiting

    def _failed(self, waiting: Waiting) -> None:
        if waiting.link != self._link:
            return
        # Only an offer has tried any relay; an answer belongs to the one that made the offer.
        if 0 < len(waiting.tried) < TRIES:
            self._begin(self._try_elsewhere(waiting), "media.retry")
            return
        self._fall_back()
        self._socket.refuse(
            waiting.ref, ErrorCode.NO_RELAY if waiting.tried else ErrorCode.MEDIA_FAILED
        )

    def _begin(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _try_elsewhere(self, waiting: Waiting) -> None:
        try:
            # If it was only slow, it may have made a peer that no client will use.
            await self._drop(waiting.link, "abandoned")
            await self._open(waiting.ref, waiting.tried)
        except RoomError as error:
            self._fall_back()
            self._socket.refuse(waiting.ref, error.code)
