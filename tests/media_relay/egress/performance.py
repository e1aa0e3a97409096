"""One person at a real relay who beeps and flashes at the same moments, by the wall clock."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from media_relay.rtcp.clocks import ntp_from_ms
from media_relay.rtcp.packets import encode_sender_report
from tests.media_relay.blackbox.light import LightMember
from tests.media_relay.egress.people import PACKET_S, Filmer, Speaker
from tests.media_relay.egress.studio import STEP, VIDEO_HZ, Rgb, beeps, opus

PERIOD_MS = 1000
FLASH_MS = 200
WHITE, BLUE = (250, 250, 250), (20, 40, 160)
FRAME_MS = 1000 / 30
REPORT_MS = 1000


class Performer:
    """`start` lets it go on until `stop`; its beeps and flashes are at multiples of `PERIOD_MS`
    since `begun_s`.

    `sound` are Opus packets of 20 ms to be heard instead of the beeps.
    """

    def __init__(
        self, member: LightMember, colour: Rgb = BLUE, sound: Sequence[bytes] = ()
    ) -> None:
        self._member = member
        self._speaker = Speaker(member)
        self._filmer = Filmer(member)
        self._colour = colour
        self._sound = sound or list(opus(beeps(60_000, PERIOD_MS, FLASH_MS)))
        self._task: asyncio.Task[None] | None = None
        self.begun_s = 0.0

    def start(self) -> None:
        self.begun_s = time.time()
        self._task = asyncio.create_task(self._perform(), name="performer")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _perform(self) -> None:
        begun, frame, report_ms = time.monotonic(), 0, 0
        for index, packet in enumerate(self._sound):
            now_ms = index * PACKET_S * 1000
            await asyncio.sleep(max(0.0, begun + now_ms / 1000 - time.monotonic()))
            self._speaker.send(packet)
            while frame * FRAME_MS <= now_ms:
                taken_ms = frame * FRAME_MS
                self._filmer.show(
                    WHITE if taken_ms % PERIOD_MS < FLASH_MS else self._colour, taken_ms
                )
                frame += 1
            if now_ms >= report_ms:
                self._report(index, frame - 1)
                report_ms += REPORT_MS

    def _report(self, index: int, frame: int) -> None:
        """Tie both streams to one clock, as a browser does each second."""
        sound_ms, picture_ms = index * PACKET_S * 1000, frame * FRAME_MS
        for name, ms, timestamp in (
            ("microphone", sound_ms, round(index * STEP)),
            ("camera", picture_ms, round(picture_ms * VIDEO_HZ / 1000)),
        ):
            ntp = ntp_from_ms(self.begun_s * 1000 + ms)
            ssrc = self._member.streams[name].ssrc
            self._member.peer.send_rtcp(
                encode_sender_report(ssrc, ntp, timestamp & 0xFFFF_FFFF, index, index)
            )
