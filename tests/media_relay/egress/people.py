"""Light peers that really say and show something: Opus and VP8 through a real relay."""

import asyncio
import time
from collections.abc import Sequence

from tests.bench.sdp import AUDIO_LEVEL_URI, MID_URI, Section
from tests.media_relay.blackbox.light import LightMember, asks_for_key_frame
from tests.media_relay.egress.studio import STEP, VIDEO_HZ, Coder, Rgb, Rtp, publisher_extension

PACKET_S = 0.02
SILENT_OPUS = b"\xf8\xff\xfe"
SILENT_DBOV = -127
BREATH_PACKETS = 20  # An open microphone is heard before the first word is.


class Speaker:
    """One person's microphone. Between sentences it sends silence, as an open microphone does."""

    def __init__(self, member: LightMember) -> None:
        self.member = member
        section = member.peer.offer.section(member.offer["slots"]["microphone"])
        self._loud, self._silent = _extension(section, -25), _extension(section, SILENT_DBOV)
        self._rtp = Rtp(member.streams["microphone"].ssrc, section.media_type)
        self._timestamp = 0

    def send(self, opus: bytes, silent: bool = False) -> None:
        self._rtp.extension = self._silent if silent else self._loud
        self.member.peer.send_rtp(self._rtp.packet(opus, self._timestamp))
        self._timestamp += STEP

    async def say(self, packets: Sequence[bytes], silence_s: float = 0.6) -> float:
        """Breathe, say it at its pace, and be silent for a while; return when the first word went
        out.
        """
        due = time.monotonic()
        breath, silence = (
            [SILENT_OPUS] * BREATH_PACKETS,
            [SILENT_OPUS] * round(silence_s / PACKET_S),
        )
        begun = due + BREATH_PACKETS * PACKET_S
        for index, packet in enumerate([*breath, *packets, *silence]):
            self.send(packet, silent=not 0 <= index - BREATH_PACKETS < len(packets))
            due += PACKET_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        return begun


def _extension(section: Section, level_dbov: int) -> bytes:
    extensions = section.extensions
    return publisher_extension(
        extensions.get(MID_URI), section.mid, extensions.get(AUDIO_LEVEL_URI), level_dbov
    )


class Filmer:
    """One person's camera: plain colours, a key frame when the relay asks for one."""

    def __init__(self, member: LightMember) -> None:
        self.member = member
        section = member.peer.offer.section(member.offer["slots"]["camera"])
        self._rtp = Rtp(member.streams["camera"].ssrc, section.media_type)
        self._rtp.extension = publisher_extension(section.extensions.get(MID_URI), section.mid)
        self._coder = Coder()
        self._wants_key = True
        self._picture = 0
        member.peer.on_rtcp = self._on_rtcp

    def show(self, colour: Rgb, at_ms: float) -> None:
        """Send one picture that was taken at `at_ms` of the camera's time."""
        coded = self._coder.frame(colour, key=self._wants_key)
        self._wants_key = False
        for packet in self._rtp.picture(coded, round(at_ms * VIDEO_HZ / 1000), self._picture):
            self.member.peer.send_rtp(packet)
        self._picture += 1

    def _on_rtcp(self, packet: bytes) -> None:
        self._wants_key |= asks_for_key_frame(packet)
