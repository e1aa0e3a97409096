"""The media side of one socket: asks a relay for a connection, passes the answer on, ends it with the socket."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

import redis

from media_relay import protocol
from spaces.relay import client, placement
from spaces.relay.grants import Grant
from spaces.rooms import view
from spaces.rooms.errors import RoomError

REPLY_S = 4.0  # An offer takes a relay a millisecond; one that is silent for so long is dead or drowning.
TRIES = 2
log = logging.getLogger(__name__)


@dataclass
class Waiting:
    """One request that a relay has not answered yet."""

    relay: str
    peer: str
    ref: str | None
    timer: asyncio.TimerHandle
    tried: list[str] = field(default_factory=list)


class MediaLink:
    """At most one connection at a time: asking anew closes the one before."""

    def __init__(
        self,
        space: str,
        user: int | None,
        channel: str,
        grant: Callable[[], Awaitable[Grant]],
        answer: Callable[[dict[str, object]], None],
    ) -> None:
        self._space = space
        self._user = user
        self._channel = channel
        self._grant = grant
        self._answer = answer
        self._waiting: dict[str, Waiting] = {}
        self._relay: str | None = None
        self._peer: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- from the browser ----------------------------------------------------------------------------------------

    async def connect(self, ref: str | None) -> None:
        """Ask for a new connection. The offer comes later; raises RoomError no_relay if there is nobody to ask."""
        await self.close("replaced")
        await self._open(ref, [])

    async def accept(self, ref: str | None, peer: str, sdp: str) -> None:
        """Pass the browser's answer on. Raises RoomError media_failed if that connection is not ours (any more)."""
        if peer != self._peer or self._relay is None:
            raise RoomError("media_failed")
        request = self._wait(self._relay, peer, ref, [])
        await self._send(self._relay, protocol.AnswerPeer(request, peer, sdp))

    async def set_video(self, on: bool) -> None:
        if self._peer and self._relay:
            await self._send(self._relay, protocol.SetVideo(self._peer, on))

    async def pin(self, user: int | None) -> None:
        if self._peer and self._relay:
            await self._send(self._relay, protocol.PinView(self._peer, None if user is None else str(user)))

    async def close(self, reason: str) -> None:
        """Tell the relay that this peer is gone, and wait for nothing any more."""
        for waiting in self._waiting.values():
            waiting.timer.cancel()
        self._waiting.clear()
        relay, peer = self._relay, self._peer
        self._relay = self._peer = None
        if relay and peer:
            try:
                await client.send(relay, protocol.ClosePeer(peer, reason))
            except redis.RedisError as error:
                log.warning("Relay %s was not told that %s is gone: %s", relay, peer, error)

    async def stop(self, reason: str) -> None:
        """End for good, with the socket."""
        for task in self._tasks:
            task.cancel()
        await self.close(reason)

    # --- from the relay ------------------------------------------------------------------------------------------

    def on_offer(self, reply: dict[str, object]) -> None:
        waiting = self._done(reply)
        if waiting is None or waiting.peer != self._peer:
            return
        offer = {name: reply[name] for name in ("peer", "sdp", "slots")}
        assigned = view.carried(cast("dict[str, object]", reply["assigned"]))
        self._answer({"type": "media.offer", "ref": waiting.ref, **offer, "assigned": assigned})

    def on_accepted(self, reply: dict[str, object]) -> None:
        waiting = self._done(reply)
        if waiting is not None:
            self._answer({"type": "ok", "ref": waiting.ref})

    def on_error(self, reply: dict[str, object]) -> None:
        """A refused offer is tried elsewhere; a refused answer is the browser's to repeat."""
        waiting = self._done(reply)
        if waiting is not None:
            log.info("Relay %s refused: %s %s", waiting.relay, reply.get("code"), reply.get("text"))
            self._failed(waiting)

    def on_connected(self, notice: dict[str, object]) -> None:
        if notice["peer"] == self._peer:
            self._answer({"type": "media.connected", "peer": self._peer})

    def on_closed(self, notice: dict[str, object]) -> None:
        """The relay closed it; nothing is left to close. Of an older connection nobody needs to hear."""
        if notice["peer"] != self._peer:
            return
        self._relay = self._peer = None
        self._answer({"type": "media.closed", "peer": notice["peer"], "reason": notice.get("reason")})

    # -------------------------------------------------------------------------------------------------------------

    async def _open(self, ref: str | None, tried: list[str]) -> None:
        grant = await self._grant()
        try:
            relay = await placement.choose(self._space, stage=grant.stage, without=tried)
        except redis.RedisError as error:
            raise RoomError("no_relay") from error
        if relay is None:
            raise RoomError("no_relay")
        self._relay, self._peer = relay, secrets.token_hex(16)
        request = self._wait(relay, self._peer, ref, [*tried, relay])
        opening = protocol.OpenPeer(
            request=request,
            reply_to=self._channel,
            peer=self._peer,
            space=self._space,
            user="" if self._user is None else str(self._user),
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
            raise RoomError("no_relay") from error

    def _wait(self, relay: str, peer: str, ref: str | None, tried: list[str]) -> str:
        request = secrets.token_hex(8)
        timer = asyncio.get_running_loop().call_later(REPLY_S, self._on_silence, request)
        self._waiting[request] = Waiting(relay, peer, ref, timer, tried)
        return request

    def _done(self, reply: dict[str, object]) -> Waiting | None:
        waiting = self._waiting.pop(str(reply.get("request")), None)
        if waiting is not None:
            waiting.timer.cancel()
        return waiting

    def _on_silence(self, request: str) -> None:
        waiting = self._waiting.pop(request, None)
        if waiting is not None:
            log.warning("Relay %s did not answer within %s s", waiting.relay, REPLY_S)
            self._failed(waiting)

    def _failed(self, waiting: Waiting) -> None:
        if waiting.peer != self._peer:
            return
        self._peer = self._relay = None
        if not waiting.tried:
            self._refuse(waiting.ref, "media_failed")
            return
        if len(waiting.tried) >= TRIES:
            self._refuse(waiting.ref, "no_relay")
            return
        task = asyncio.get_running_loop().create_task(self._try_elsewhere(waiting), name="media.retry")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _try_elsewhere(self, waiting: Waiting) -> None:
        try:
            # If it was only slow, the peer it may have made is nobody's.
            await self._send(waiting.relay, protocol.ClosePeer(waiting.peer, "abandoned"))
            await self._open(waiting.ref, waiting.tried)
        except RoomError as error:
            self._refuse(waiting.ref, error.code)

    def _refuse(self, ref: str | None, code: str) -> None:
        self._answer({"type": "error", "ref": ref, "code": code, "message": RoomError(code).text})
