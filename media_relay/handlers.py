"""What the relay does about each request of the web. Runs on the loop and never waits for anything."""

import logging
import time
from collections.abc import Callable

from media_relay.context import Context
from media_relay.errors import ProtocolError
from media_relay.ice.udp_mux import UdpMux
from media_relay.metrics import Drop
from media_relay.peer import Peer
from media_relay.protocol import (
    AnswerPeer,
    ClosePeer,
    CloseSpace,
    OpenPeer,
    PinView,
    Request,
    SetPolicy,
    SetVideo,
    parse,
)
from media_relay.room import Room
from media_relay.signalling.offer import describe_slots
from media_relay.signalling.sdp import parse_answer

MAX_ROOMS = 1000

log = logging.getLogger(__name__)


class Switchboard:
    """All rooms and peers of this relay. `is_full` and `is_draining` refuse new peers."""

    def __init__(self, context: Context, mux: UdpMux, max_peers: int, wall_s: Callable[[], float] = time.time) -> None:
        self.rooms: dict[str, Room] = {}
        self.peers: dict[str, Peer] = {}
        self.is_full = False
        self.is_draining = False
        self._context = context
        self._mux = mux
        self._max_peers = max_peers
        self._wall_s = wall_s

    def handle(self, text: str | bytes) -> None:
        """Do what one entry of the stream asks. What nobody can answer for is counted and forgotten."""
        try:
            request = parse(text)
        except ProtocolError:
            self._context.metrics.drop(Drop.BAD_REQUEST)
            return
        try:
            self._dispatch(request)
        except ProtocolError as error:
            self._refuse(request, error)

    def _dispatch(self, request: Request) -> None:
        match request:
            case OpenPeer():
                self._open(request)
            case AnswerPeer():
                self._answer(request)
            case ClosePeer():
                self._close(request)
            case SetVideo():
                if peer := self.peers.get(request.peer):
                    peer.set_video(request.on)
            case PinView():
                if peer := self.peers.get(request.peer):
                    self.rooms[peer.space].pin(peer, request.user)
            case SetPolicy():
                if room := self.rooms.get(request.policy.space):
                    room.apply(request.policy)
            case CloseSpace():
                if room := self.rooms.pop(request.space, None):
                    room.close(request.reason)
                    self._forget_closed()

    def _open(self, request: OpenPeer) -> None:
        self._check(request)
        room = self.rooms.get(request.space)
        if room is None:
            room = self.rooms[request.space] = Room(request.space, self._context)
        peer, offer = room.open(request)
        self.peers[peer.id] = peer
        self._mux.add(peer.transport)
        self._context.metrics.peers_opened += 1
        peer.notify(
            "offer",
            request=request.request,
            relay=self._context.relay,
            sdp=offer,
            slots=describe_slots(),
            assigned=room.assignment_for(peer).as_message(),
        )

    def _check(self, request: OpenPeer) -> None:
        """Raise ProtocolError if there is no place for this peer, or no right to one."""
        if self.is_draining:
            raise ProtocolError("draining", "This relay takes no new peers")
        if self.is_full or len(self.peers) >= self._max_peers:
            raise ProtocolError("relay_full", "This relay is full")
        if request.expires_at < self._wall_s():
            raise ProtocolError("grant_expired", "The grant has run out")
        if request.peer in self.peers:
            raise ProtocolError("peer_exists", "This peer has been opened before")
        if request.policy.space != request.space:
            raise ProtocolError("bad_request", "The policy is of another Space")
        if request.space not in self.rooms and len(self.rooms) >= MAX_ROOMS:
            raise ProtocolError("relay_full", "This relay has too many rooms")

    def _answer(self, request: AnswerPeer) -> None:
        peer = self.peers.get(request.peer)
        if peer is None:
            raise ProtocolError("unknown_peer", "There is no such peer (any more)")
        if peer.transport.has_answer:
            raise ProtocolError("bad_sdp", "This peer has answered before")
        peer.take_answer(parse_answer(request.sdp))
        peer.notify("accepted", request=request.request)

    def _close(self, request: ClosePeer) -> None:
        peer = self.peers.pop(request.peer, None)
        if peer is None:
            return
        self._mux.discard(peer.transport)
        self.rooms[peer.space].remove(peer, request.reason)

    def _refuse(self, request: Request, error: ProtocolError) -> None:
        """Tell whoever waits for an answer; a request that is not answered is counted."""
        self._context.metrics.drop(Drop.BAD_REQUEST)
        if not isinstance(request, OpenPeer | AnswerPeer):
            return
        peer = self.peers.get(request.peer) if isinstance(request, AnswerPeer) else None
        reply_to = peer.reply_to if peer is not None else request.reply_to
        message = {"request": request.request, "peer": request.peer, "code": error.code, "text": error.text}
        if reply_to:
            self._context.notifier.to_peer(reply_to, {"type": "relay.error", **message})

    # --- the passing of time

    def tick(self, now_ms: int) -> None:
        for room in self.rooms.values():
            room.tick(now_ms)

    def tick_transports(self, now_ms: int) -> None:
        for room in list(self.rooms.values()):
            room.tick_transports(now_ms)
            if room.is_over(now_ms):
                del self.rooms[room.space]
        self._forget_closed()

    def drain(self) -> None:
        """Send everybody away: SIGTERM. Their pages connect again, to another relay or to our successor."""
        self.is_draining = True
        for room in self.rooms.values():
            room.close("drained")
        self._forget_closed()

    def _forget_closed(self) -> None:
        """Take closed peers out of the tables, those included that ended by themselves."""
        for peer in [peer for peer in self.peers.values() if peer.transport.is_closed]:
            del self.peers[peer.id]
            self._mux.discard(peer.transport)
