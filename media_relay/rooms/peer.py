"""One connection: what it may send, what it gets, and what it says about that."""

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import Track
from media_relay.ice.agent import Agent
from media_relay.metrics import Drop
from media_relay.protocol.relay import OpenPeer, PathHealth, PathQuality, RelayMessage
from media_relay.rooms.context import RelayContext
from media_relay.rooms.personal import PersonalStreams
from media_relay.rooms.publisher import Publisher
from media_relay.rooms.stream import REPEAT_S
from media_relay.rtcp.clocks import ntp_from_ms
from media_relay.rtcp.feedback import RetransmissionBudget
from media_relay.rtcp.health import Health
from media_relay.rtcp.packets import (
    Fir,
    Nack,
    Pli,
    ReceiverReport,
    ReportBlock,
    SenderReport,
    parse,
)
from media_relay.rtcp.reports import round_trip_ms
from media_relay.rtp.rtx import RtxStream
from media_relay.signalling.codecs import RTX_PAYLOAD_TYPES
from media_relay.signalling.sdp import SdpAnswer
from media_relay.transport.peer_transport import PeerTransport

PLI_INTERVAL_MS = 500  # One peer's requests for key frames; Chromium repeats every 200 ms or so.


class PeerRoom(Protocol):
    """The room, as a peer sees it."""

    def on_packet(
        self, peer: "Peer", track: Track, view: memoryview, length: int, now_ms: int
    ) -> None: ...

    def on_nack(self, peer: "Peer", ssrc: int, lost: list[int]) -> None: ...

    def on_key_frame_request(self, peer: "Peer", ssrc: int) -> None: ...

    def on_video_changed(self, peer: "Peer") -> None: ...

    def on_path_changed(self, peer: "Peer") -> None: ...

    def count_unsent(self, peer: "Peer", ssrc: int, numbers: range) -> int:
        """Return how many of these numbers of a slot the speaker's path lost.

        They did not go out in their turn.
        """

    def on_connected(self, peer: "Peer") -> None: ...

    def on_moved(self, peer: "Peer") -> None: ...

    def on_gone(self, peer: "Peer", reason: str) -> None: ...

    @property
    def rtx_ssrcs(self) -> Mapping[MediaKind, int]: ...

    def kind_of(self, ssrc: int) -> MediaKind | None:
        """Return what the slot with this SSRC carries, None if there is none."""


class Peer:
    """`personal` is set once this peer has streams of its own, and stays (DESIGN §4.3)."""

    def __init__(self, request: OpenPeer, room: PeerRoom, context: RelayContext) -> None:
        self.id = request.peer
        self.user = request.user
        self.space = request.space
        self.reply_to = request.reply_to
        self.stage = request.stage
        self.pin: str | None = None
        self.publisher: Publisher | None = None
        self.personal: PersonalStreams | None = None
        self.receives: frozenset[MediaKind] = frozenset()
        self._rtx_streams: dict[MediaKind, RtxStream] = {}
        self._wants_video = True  # What the page says: "audio only" and hidden pages do not.
        self._health = Health()
        self._sending = PathQuality.GOOD  # What the page was told last of what it sends.
        self._budget = RetransmissionBudget()
        self._asked_ms = -PLI_INTERVAL_MS  # The first request is never too early.
        self._room = room
        self._context = context
        agent = Agent(opened_ms=context.clock())
        self.transport = PeerTransport(
            agent, context.udp_sender, context.certificate, self, context.metrics
        )

    @property
    def has_video(self) -> bool:
        """Whether pictures go to this peer: it wants them and its path carries them."""
        return self._wants_video and self._health.wants_video

    @property
    def is_lossy(self) -> bool:
        """Whether what matters most goes out twice: voices and retransmissions."""
        return self._health.is_lossy

    def send_redundantly(self, packet: bytes) -> bool:
        """Send a packet of sound, or a retransmission: twice on a path that loses some."""
        if self.is_lossy:
            self._context.later(REPEAT_S, partial(self.transport.send_rtp, packet))
        return self.transport.send_rtp(packet)

    def retransmit(self, kind: MediaKind, packets: list[bytes]) -> None:
        """Answer a NACK, by the very same packets where the peer takes no RTX.

        A repetition that is lost as well costs a whole round trip more, so on a bad path it goes
        out twice.
        """
        repeats = self._rtx_streams.get(kind)
        for packet in packets:
            self.send_redundantly(repeats.wrap(packet) if repeats else packet)

    def on_retransmitted(self, ssrc: int, numbers: list[int]) -> None:
        """Packets that had gone out in their turn were asked for again."""
        # What is sent again under its own numbers, browsers then report as received; what comes by
        # RTX stays lost in their reports.
        if self._room.kind_of(ssrc) not in self._rtx_streams:
            self._health.on_retransmission(ssrc, numbers)

    def notify(self, message: RelayMessage) -> None:
        """Say something to the socket that asked for this connection."""
        self._context.web.to_peer(self.reply_to, message)

    def check_sending(self) -> None:
        """Tell a speaker when what they send has begun to arrive badly, or arrives well again."""
        sending = PathQuality.GOOD
        if self.publisher is not None:
            sending = self.publisher.feedback.health.quality
        if sending is not self._sending:
            self._sending = sending
            self._notify_health()

    def _notify_health(self) -> None:
        self.notify(PathHealth(self.id, self._health.quality, self._sending))

    # --- what the web says

    def take_answer(self, answer: SdpAnswer) -> None:
        self.receives = answer.receives
        self._rtx_streams = {
            kind: RtxStream(RTX_PAYLOAD_TYPES[kind], self._room.rtx_ssrcs[kind])
            for kind in answer.rtx_kinds
        }
        self.transport.agent.on_answer(answer.ufrag, answer.password)
        self.transport.on_answer(answer.fingerprint, is_client=answer.is_dtls_server)

    def set_video(self, on: bool) -> None:
        if on != self._wants_video:
            self._wants_video = on
            self._room.on_video_changed(self)

    # --- what its transport brings

    @property
    def sends(self) -> bool:
        return self.stage or self.publisher is not None

    @property
    def takes_part(self) -> bool:
        """Whether this peer can change who is heard and seen; most only listen."""
        return self.publisher is not None or self.personal is not None

    def admits_rtp(self, view: memoryview, length: int, now_ms: int) -> bool:
        if self.publisher is None:
            self._context.metrics.drop(Drop.RTP_NOT_ALLOWED)
            return False
        return self.publisher.admits(view, length, now_ms)

    def on_rtp(self, view: memoryview, length: int, now_ms: int) -> None:
        if self.publisher is None:
            return
        try:
            taken = self.publisher.on_rtp(view, length, now_ms)
        except ValueError:
            self._context.metrics.drop(Drop.RTP_MALFORMED)
            return
        if taken is not None:
            self._room.on_packet(self, taken[0], view, taken[1], now_ms)

    def on_rtcp(self, view: memoryview, length: int, now_ms: int) -> None:
        try:
            packets = parse(view[:length])
        except ValueError:
            self._context.metrics.drop(Drop.RTCP_MALFORMED)
            return
        for packet in packets:
            match packet:
                case ReceiverReport(reports=blocks):
                    self._on_reports(blocks, now_ms)
                case SenderReport(reports=blocks):
                    if self.publisher is not None:
                        self.publisher.on_sender_report(
                            packet.ssrc, packet.ntp, packet.timestamp_rtp, now_ms
                        )
                    self._on_reports(blocks, now_ms)
                case Nack(media=ssrc, lost=lost):
                    allowed = self._budget.allow(ssrc, lost, now_ms)
                    self._context.metrics.drops[Drop.NACK_LIMIT] += len(lost) - len(allowed)
                    if allowed:
                        self._room.on_nack(self, ssrc, allowed)
                case Pli(media=ssrc):
                    self._on_key_frame_request(ssrc, now_ms)
                case Fir(entries=entries):
                    # Browsers ask for one stream at a time; more would only share the interval.
                    for ssrc, _ in entries[:1]:
                        self._on_key_frame_request(ssrc, now_ms)

    def on_connected(self) -> None:
        self._room.on_connected(self)

    def on_moved(self) -> None:
        self._room.on_moved(self)

    def on_gone(self, reason: str) -> None:
        self._room.on_gone(self, reason)

    # --- feedback

    def _on_key_frame_request(self, ssrc: int, now_ms: int) -> None:
        if now_ms - self._asked_ms >= PLI_INTERVAL_MS:
            self._asked_ms = now_ms
            self._room.on_key_frame_request(self, ssrc)

    def _on_reports(self, blocks: tuple[ReportBlock, ...], now_ms: int) -> None:
        """Judge the path by what the peer says of our streams."""
        had_video = self.has_video
        was_lossy = self.is_lossy
        for block in blocks:
            kind = self._room.kind_of(block.ssrc)
            if kind is None:
                continue
            # Our sender reports are on the same clock.
            rtt_ms = round_trip_ms(block, ntp_from_ms(now_ms))
            if rtt_ms is not None and self.publisher is not None:
                self.publisher.feedback.on_round_trip(rtt_ms)
            unsent = 0
            # What the speaker's path lost is not this listener's fault.
            if block.fraction_lost:
                numbers = self._health.new_numbers(block)
                unsent = self._room.count_unsent(self, block.ssrc, numbers)
            if self._health.on_report(block, kind, rtt_ms, now_ms, unsent):
                self._notify_health()
        if self.is_lossy != was_lossy:
            self._room.on_path_changed(self)
        if self.has_video != had_video:
            self._room.on_video_changed(self)
