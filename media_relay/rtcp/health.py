"""How well a listener's path carries what it is sent, from its reports and its NACKs.

Sound comes before picture: a path that loses too much has its picture paused, and resumed when it
has been good for a while; each resumption that fails makes the next wait longer, so that the
picture does not come and go.
"""

from collections.abc import Iterable
from math import sqrt

from media_relay.forwarding.media_kind import MediaKind
from media_relay.protocol.relay import PathQuality
from media_relay.rtcp.packets import ReportBlock
from media_relay.rtp.serial import SEQUENCE_CYCLE

# Of the newest report in the running mean, if it speaks of as many packets as a voice in a second.
WEIGHT = 0.4
FULL_PACKETS = 50
MAX_STREAMS = 16  # A peer gets five.
LOSSY_LOSS = 0.02  # Beyond it voices go out twice …
SOUND_LOSS = 0.01  # … until it has been below this for so long:
SOUND_MS = 10_000
POOR_LOSS = 0.05
PAUSE_LOSS = 0.20  # Retransmission copes with less (DESIGN §5: 10 % must stay watchable).
GOOD_LOSS = 0.03
# A picture that was paused for more may come back to a path that retransmission copes with.
RESUME_LOSS = 0.10
PAUSE_MS = 3000  # So long beyond PAUSE_LOSS, or beyond PAUSE_RTT_MS, until the picture goes.
PAUSE_RTT_MS = 1500  # A queue of that length is full of our own packets.
RESUME_MS = 8000
MAX_RESUME_MS = 64_000
PROOF_MS = 20_000  # A picture that stayed for so long shows that the path has recovered.


class StreamLoss:
    """How much of one stream the path loses, whatever was mended afterwards."""

    __slots__ = ("_asked", "_doubled", "_highest", "_missing", "_residue", "packets")

    def __init__(self) -> None:
        self.packets = 0.0  # How many one report speaks of, as a running mean.
        self._residue = 0.0  # Share that did not arrive in any copy, as a running mean.
        self._doubled = False
        self._highest: int | None = None  # Of the last report.
        self._asked: int | None = None  # The newest number that was asked for.
        self._missing = 0  # Numbers asked for since the last report, each once.

    @property
    def share(self) -> float:
        """The path's loss.

        Of a stream that goes out twice only what is lost twice shows in reports, so the root of
        what they say is the loss of one copy.
        """
        return sqrt(self._residue) if self._doubled else self._residue

    def set_doubled(self, doubled: bool) -> None:
        """Say whether the stream goes out twice; the path's loss stays what it was."""
        if doubled == self._doubled:
            return
        self._doubled = doubled
        self._residue = self._residue**2 if doubled else sqrt(self._residue)

    def new_numbers(self, block: ReportBlock) -> range:
        """Return the numbers that a report speaks of and the last one did not."""
        return range(0) if self._highest is None else range(self._highest + 1, block.highest + 1)

    def on_retransmission(self, numbers: Iterable[int]) -> None:
        """Count what is sent again for the first time.

        Browsers ask in rising order, and again for older numbers.
        """
        for seq in numbers:
            if self._asked is not None:
                ahead = (seq - self._asked) % SEQUENCE_CYCLE
                if not 0 < ahead < SEQUENCE_CYCLE // 2:
                    continue
            self._asked = seq
            self._missing += 1

    def on_report(self, block: ReportBlock, unsent: int) -> None:
        """Take a report; `unsent` of what it speaks of never came from the speaker."""
        packets = len(self.new_numbers(block))
        self._highest = block.highest
        asked = self._missing
        self._missing = 0
        self.packets += (packets - self.packets) * WEIGHT
        if not packets:
            return  # A silent slot: the report says nothing of the path.
        # Sound is sent again under its own numbers, and a browser then reports those packets as
        # received: what it asked for tells what the path really lost. (Of pictures it would not:
        # the packets of a frame overtake each other.)
        reported = max(0.0, block.fraction_lost / 256 - unsent / packets)
        lost = max(reported, min(asked, packets) / packets)
        self._residue += (lost - self._residue) * WEIGHT * min(1.0, packets / FULL_PACKETS)


class Health:
    """The quality of one listener's path. Time moves with its reports."""

    __slots__ = (
        "_bad_since",
        "_good_since",
        "_resume_ms",
        "_resumed_at",
        "_sound_since",
        "_streams",
        "is_lossy",
        "quality",
        "rtt_ms",
    )

    def __init__(self) -> None:
        self.quality = PathQuality.GOOD
        self.is_lossy = False
        self.rtt_ms: int | None = None
        self._streams: dict[int, StreamLoss] = {}
        self._bad_since: int | None = None
        self._good_since: int | None = None
        self._sound_since: int | None = None
        self._resumed_at: int | None = None
        self._resume_ms = RESUME_MS

    def on_retransmission(self, ssrc: int, numbers: Iterable[int]) -> None:
        """Take note that these packets go out again, under the same numbers."""
        if stream := self._stream(ssrc):
            stream.on_retransmission(numbers)

    def new_numbers(self, block: ReportBlock) -> range:
        """Return the numbers that a report speaks of and the last one did not."""
        stream = self._streams.get(block.ssrc)
        return stream.new_numbers(block) if stream is not None else range(0)

    def on_report(
        self, block: ReportBlock, kind: MediaKind, rtt_ms: int | None, now_ms: int, unsent: int = 0
    ) -> bool:
        """Take a report about one of our streams; returns whether `quality` changed.

        `unsent` of the packets it speaks of never went out: a speaker's bad path is not the
        listener's.
        """
        if stream := self._stream(block.ssrc):
            stream.set_doubled(self.is_lossy and not kind.is_video)
            stream.on_report(block, unsent)
        if rtt_ms is not None:
            self.rtt_ms = rtt_ms
        # Voices go out twice beyond LOSSY_LOSS, until it was below SOUND_LOSS for SOUND_MS.
        if self.loss > LOSSY_LOSS:
            self.is_lossy = True
        if not self.is_lossy or self.loss > SOUND_LOSS:
            self._sound_since = None
        else:
            if self._sound_since is None:
                self._sound_since = now_ms
            self.is_lossy = now_ms - self._sound_since < SOUND_MS
        before = self.quality
        if self.quality is PathQuality.AUDIO_ONLY:
            self._decide_resuming(now_ms)
        else:
            self._decide_pausing(now_ms)
        return self.quality is not before

    @property
    def loss(self) -> float:
        """The share the path loses, over all streams, each as far as it has packets."""
        packets = sum(stream.packets for stream in self._streams.values())
        lost = sum(stream.share * stream.packets for stream in self._streams.values())
        return lost / max(packets, 1.0)

    @property
    def wants_video(self) -> bool:
        return self.quality is not PathQuality.AUDIO_ONLY

    def _stream(self, ssrc: int) -> StreamLoss | None:
        found = self._streams.get(ssrc)
        if found is None and len(self._streams) < MAX_STREAMS:
            found = self._streams[ssrc] = StreamLoss()
        return found

    def _decide_pausing(self, now_ms: int) -> None:
        """Judge a path that has pictures; take them away when it is too bad for too long."""
        # Two bounds, so that the word does not change with each report.
        bound = GOOD_LOSS if self.quality is PathQuality.POOR else POOR_LOSS
        self.quality = PathQuality.POOR if self.loss > bound else PathQuality.GOOD
        if self.loss < PAUSE_LOSS and (self.rtt_ms or 0) < PAUSE_RTT_MS:
            self._bad_since = None
            return
        self.quality = PathQuality.POOR
        if self._bad_since is None:
            self._bad_since = now_ms
        if now_ms - self._bad_since < PAUSE_MS:
            return
        # A resumption that fails soon makes the next wait longer.
        failed = self._resumed_at is not None and now_ms - self._resumed_at < PROOF_MS
        self._resume_ms = min(self._resume_ms * 2, MAX_RESUME_MS) if failed else RESUME_MS
        self.quality = PathQuality.AUDIO_ONLY
        self._bad_since = None
        self._good_since = None

    def _decide_resuming(self, now_ms: int) -> None:
        """Let a path have pictures again when it has been good for long enough."""
        if self.loss > RESUME_LOSS or (self.rtt_ms or 0) >= PAUSE_RTT_MS:
            self._good_since = None
            return
        if self._good_since is None:
            self._good_since = now_ms
        if now_ms - self._good_since >= self._resume_ms:
            self.quality = PathQuality.POOR if self.loss > GOOD_LOSS else PathQuality.GOOD
            self._resumed_at = now_ms
