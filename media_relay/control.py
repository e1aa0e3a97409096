"""What the relay does about each request of the web, in the order in which they were made."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import assert_never

from media_relay.errors import ProtocolError
from media_relay.ice.udp_mux import UdpMux
from media_relay.metrics import Drop
from media_relay.protocol.relay import (
    Accepted,
    AnswerPeer,
    ClosePeer,
    CloseSpace,
    Offer,
    OpenPeer,
    Refusal,
    Request,
    SetPeerPin,
    SetPeerVideo,
    SetPolicy,
    parse_request,
)
from media_relay.redis.cascade import Cascade
from media_relay.rooms.context import RelayContext
from media_relay.rooms.edge import EdgeRoom
from media_relay.rooms.home import HomeRoom
from media_relay.rooms.peer import Peer
from media_relay.rooms.room import Room
from media_relay.signalling.offer import MIDS
from media_relay.signalling.sdp import parse_answer

MAX_ROOMS = 1000  # A bound for memory; a relay is full of peers long before.
MAX_LOGGED = 20  # The same mistake need not fill a disk.

log = logging.getLogger(__name__)


class RelayRequestHandler:
    """All rooms and peers of this relay. `is_full` and `is_draining` refuse new peers."""

    def __init__(
        self,
        context: RelayContext,
        mux: UdpMux,
        cascade: Cascade,
        max_peers: int,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self.rooms: dict[str, Room] = {}
        self.peers: dict[str, Peer] = {}
        self.is_full = False
        self.is_draining = False
        self._context = context
        self._mux = mux
        self._cascade = cascade
        self._max_peers = max_peers
        self._wall_s = wall_s

    async def handle(self, text: str | bytes) -> None:
        """Do what one entry of the stream asks; an unreadable one is counted and forgotten.

        Waits for Redis only where a Space is new here, to learn where its home is.
        """
        try:
            request = parse_request(text)
        except ProtocolError:
            self._context.metrics.drop(Drop.BAD_REQUEST)
            return
        try:
            await self._do(request)
        except ProtocolError as error:
            self._context.metrics.drop(Drop.BAD_REQUEST)
            if not isinstance(request, OpenPeer | AnswerPeer):
                return
            peer = self.peers.get(request.peer) if isinstance(request, AnswerPeer) else None
            # The socket that opened the peer waits for this; else only the request says where.
            reply_to = peer.reply_to if peer is not None else request.reply_to
            if reply_to:
                refusal = Refusal(request.request, request.peer, error.code, error.text)
                self._context.web.to_peer(reply_to, refusal)

    async def _do(self, request: Request) -> None:
        """Do it; nothing is done about a peer or a Space that has gone."""
        match request:
            case OpenPeer():
                await self._open(request)
            case AnswerPeer():
                self._answer(request)
            case ClosePeer():
                if peer := self.peers.get(request.peer):
                    self.rooms[peer.space].remove(peer, request.reason)
            case SetPeerVideo():
                if peer := self.peers.get(request.peer):
                    peer.set_video(request.on)
            case SetPeerPin():
                if peer := self.peers.get(request.peer):
                    self.rooms[peer.space].pin(peer, request.user)
            case SetPolicy():
                if room := self.rooms.get(request.policy.space):
                    room.apply(request.policy)
            case CloseSpace():
                self._end(request.space, request.reason)
            case _:
                assert_never(request)

    async def _open(self, request: OpenPeer) -> None:
        """Make a peer and send its offer.

        Raises ProtocolError if there is no place for it, or no right to one.
        """
        if self.is_draining:
            raise ProtocolError("draining", "This relay takes no new peers")
        if self.is_full or len(self.peers) >= self._max_peers:
            raise ProtocolError("relay_full", "This relay is full")
        # The stream keeps what came while this relay was away: a grant may be old when it is read.
        if request.expires_at < self._wall_s():
            raise ProtocolError("grant_expired", "The grant has run out")
        if request.peer in self.peers:
            raise ProtocolError("peer_exists", "This peer has been opened before")
        if request.policy.space != request.space:
            raise ProtocolError("bad_request", "The policy is of another Space")
        if request.space not in self.rooms and len(self.rooms) >= MAX_ROOMS:
            raise ProtocolError("relay_full", "This relay has too many rooms")

        # Requests are handled one after the other, so no second room is made while this one waits.
        room = self.rooms.get(request.space)
        if room is None:
            room = self.rooms[request.space] = await self._new_room(request.space)
        peer, sdp = room.open(request)
        self.peers[peer.id] = peer
        self._mux.add(peer.transport)
        self._context.metrics.peers_opened += 1
        assigned = room.assigned_for(peer)
        peer.notify(Offer(request.request, peer.id, self._context.relay, sdp, MIDS, assigned))

    async def _new_room(self, space: str) -> Room:
        """Return a room that the cascade feeds, or that feeds others."""
        if await self._cascade.is_home(space):
            home = HomeRoom(space, self._context, self._forget)
            self._cascade.add_home(home)
            return home
        ask_key_frame = partial(self._cascade.ask_key_frame, space)
        edge = EdgeRoom(space, self._context, self._forget, ask_key_frame)
        self._cascade.add_edge(edge)
        return edge

    def _answer(self, request: AnswerPeer) -> None:
        peer = self.peers.get(request.peer)
        if peer is None:
            raise ProtocolError("unknown_peer", "There is no such peer (any more)")
        # Another one would change the fingerprint that the certificate is checked against.
        if peer.transport.has_answer:
            raise ProtocolError("bad_sdp", "This peer has answered before")
        peer.take_answer(parse_answer(request.sdp))
        self._mux.on_answer(peer.transport, self._context.clock())
        peer.notify(Accepted(request.request, peer.id))

    def _end(self, space: str, reason: str) -> None:
        if room := self.rooms.pop(space, None):
            room.close(reason)
            self._cascade.discard(space)

    def on_home_moved(self, space: str) -> None:
        """Close every peer of the Space: their pages connect anew, and find the new home."""
        self._end(space, "moved")

    # --- the passing of time

    def tick(self, now_ms: int) -> None:
        for room in self.rooms.values():
            self._tick_room(room.tick, now_ms)

    def tick_handshakes(self, now_ms: int) -> None:
        for room in self.rooms.values():
            self._tick_room(room.tick_handshakes, now_ms)

    def tick_consents(self, now_ms: int) -> None:
        # A copy: rooms end here.
        for room in list(self.rooms.values()):
            self._tick_room(room.tick_consents, now_ms)
            if room.is_over(now_ms):
                self._end(room.space, "left")

    def _tick_room(self, tick: Callable[[int], None], now_ms: int) -> None:
        """A mistake of ours in one room must not stop the clock for the others."""
        try:
            tick(now_ms)
        except Exception:
            self._context.metrics.drop(Drop.PEER_ERROR)
            if self._context.metrics.drops[Drop.PEER_ERROR] <= MAX_LOGGED:
                log.exception("A tick failed")

    def drain(self) -> None:
        """Close every peer (SIGTERM): pages connect to another relay, or to our successor."""
        self.is_draining = True
        for room in self.rooms.values():
            room.close("drained")

    def _forget(self, peer: Peer) -> None:
        self.peers.pop(peer.id, None)
        self._mux.discard(peer.transport)
