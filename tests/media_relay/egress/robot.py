"""A robot that beeps and flashes, through a relay's own slots, onto a tape.

It stops sending now and then: what it sends next may say that no time has passed.
"""

from dataclasses import dataclass, field
from enum import Enum
from heapq import heappop, heappush
from itertools import count

from media_relay.egress.recording.log import RecordKind
from media_relay.egress.slot_map import VIDEO
from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.slot import Slot
from media_relay.forwarding.track import Track
from media_relay.rtcp.clocks import SenderClock, ntp_from_ms
from media_relay.signalling.codecs import OPUS, VP8_CAMERA
from tests.media_relay.egress.studio import Coder, Rtp, beeps, opus
from tests.media_relay.egress.tape import ENTRY, HOME_MS, Tape

PERIOD_MS, FLASH_MS, FRAME_MS = 2000, 200, 1000 / 30
WHITE, BLUE = (250, 250, 250), (20, 40, 160)
REPORT_MS = 1000
KEY_FRAME_EVERY = 15  # The recorder asks for one when it begins; a robot that gives many will do.
WALL_MS = 3_900_000_000_000  # The robot's own clock is anywhere.


class Clocks(Enum):
    """Which of a robot's clocks stand still while it does not send."""

    NONE = "none"
    TIMESTAMPS = "timestamps"
    ALL = "all"


@dataclass
class Robot:
    """`play` makes it send from one moment to another; `tape` gets what the slots make of it."""

    tape: Tape
    stopping: Clocks
    _sent_ms: float = 0.0  # Of its media so far, pauses left out.
    _events: list[tuple[float, int, str, bytes]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        clock = SenderClock()
        self._tracks = {
            "sound": Track(MediaKind.MICROPHONE, 1, "alice", sender_clock=clock),
            "picture": Track(MediaKind.CAMERA, 2, "alice", sender_clock=clock),
        }
        self._slots = {
            "sound": Slot(MediaKind.MICROPHONE, 1001, OPUS),
            "picture": Slot(MediaKind.CAMERA, 1004, VP8_CAMERA),
        }
        self._streams = {"sound": Rtp(1, OPUS), "picture": Rtp(2, VP8_CAMERA)}
        self._pictures = 0
        for name, slot in self._slots.items():
            slot.point_to(self._tracks[name], HOME_MS)

    def play(self, start_ms: int, end_ms: int) -> None:
        """Send from `start_ms` to `end_ms`; beeps and flashes are at multiples of `PERIOD_MS`."""
        media = self._sent_ms if self.stopping is not Clocks.NONE else start_ms
        pcm = beeps(end_ms + PERIOD_MS, PERIOD_MS, FLASH_MS)[start_ms * 96 : end_ms * 96]
        for index, packet in enumerate(opus(pcm)):
            ms = start_ms + index * 20
            rtp = self._streams["sound"].packet(packet, round((media + index * 20) * 48))
            self._arrives("sound", rtp, ms, self.tape.sound_delay_ms)
        coder, index = Coder(), 0
        while (ms_of_frame := start_ms + index * FRAME_MS) < end_ms:
            is_white = ms_of_frame % PERIOD_MS < FLASH_MS
            vp8 = coder.frame(WHITE if is_white else BLUE, key=index % KEY_FRAME_EVERY == 0)
            timestamp = round((media + index * FRAME_MS) * 90)
            for rtp in self._streams["picture"].picture(vp8, timestamp, self._pictures):
                self._arrives("picture", rtp, ms_of_frame, self.tape.picture_delay_ms)
            self._pictures += 1
            index += 1
        for ms in range(start_ms + 300, end_ms, REPORT_MS):
            said = WALL_MS + (media + ms - start_ms if self.stopping is Clocks.ALL else ms)
            at = media + ms - start_ms
            for name, hz in (("sound", 48), ("picture", 90)):
                content = ntp_from_ms(said).to_bytes(8, "big") + round(at * hz).to_bytes(4, "big")
                self._push(ms + self.tape.sound_delay_ms, f"report {name}", content)
        self._sent_ms += end_ms - start_ms

    def to_tape(self, from_ms: int, until_ms: int, *, is_recorded: bool = True) -> None:
        """Let time pass: all goes through the slots, and onto the tape while that runs."""
        for ms in range(from_ms + 700 - from_ms % REPORT_MS, until_ms, REPORT_MS):
            self._push(ms, "slot reports", b"")
        while self._events and self._events[0][0] < until_ms:
            at_ms, _, what, content = heappop(self._events)
            now_ms = HOME_MS + round(at_ms)
            if what == "slot reports":
                entries = self._slot_reports(now_ms)
                kind = RecordKind.REPORTS
            elif what.startswith("report"):
                track = self._tracks[what.removeprefix("report ")]
                ntp, timestamp = content[:8], content[8:]
                track.on_sender_report(
                    int.from_bytes(ntp, "big"), int.from_bytes(timestamp, "big"), now_ms
                )
                continue
            else:
                entries = self._through_the_slot(what, content, now_ms)
                kind = RecordKind.PACKETS
            if entries and is_recorded:
                self.tape.append(kind, entries, at_ms)

    def _arrives(self, what: str, packet: bytes, ms: float, delay_ms: float) -> None:
        self._push(ms + delay_ms + self.tape.jitter(), what, packet)

    def _push(self, ms: float, what: str, content: bytes) -> None:
        heappush(self._events, (ms, next(self._order), what, content))

    def _through_the_slot(self, what: str, packet: bytes, now_ms: int) -> bytes:
        buf = bytearray(packet) + bytes(1)
        track, slot = self._tracks[what], self._slots[what]
        length = track.on_rtp(buf, len(packet), now_ms)
        if not length or not slot.accept(track, buf, length, now_ms):
            return b""
        return ENTRY.pack(0 if what == "sound" else VIDEO, length) + bytes(buf[:length])

    def _slot_reports(self, now_ms: int) -> bytes:
        content = b""
        for index, slot in ((0, self._slots["sound"]), (VIDEO, self._slots["picture"])):
            if (report := slot.sender_report(now_ms)) is not None:
                content += ENTRY.pack(index, len(report)) + report
        return content
