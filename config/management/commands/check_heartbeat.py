"""Asked by a timer under systemd; `manage.py run` looks by itself (config/supervisor)."""

import asyncio
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser

from config.monitoring import heartbeat
from config.supervisor import probes
from config.supervisor.process import UNRESPONSIVE_AFTER_S, Probe

PROBE_EVERY_S = 2.0
PROBES = {
    "clock": (probes.takes_tasks, heartbeat.CLOCK, UNRESPONSIVE_AFTER_S),
    "beat": (probes.sends_tasks, heartbeat.CLOCK, UNRESPONSIVE_AFTER_S),
    "delivery": (probes.takes_tasks, heartbeat.DELIVERY, heartbeat.DELIVERY_SILENT_S),
}


class Command(BaseCommand):
    help = (
        "Say by exit code 0 that a process lives but has done nothing for half a minute, "
        "by 1 that all is well."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=sorted(PROBES))
        parser.add_argument(
            "--after",
            type=float,
            metavar="SECONDS",
            help=f"default: {UNRESPONSIVE_AFTER_S:g}, {heartbeat.DELIVERY_SILENT_S:g} for delivery",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature.
        probe_of, queue, usual_s = PROBES[options["process"]]
        after_s = usual_s if options["after"] is None else options["after"]
        if not asyncio.run(_is_unresponsive(probe_of(settings.REDIS_URL, queue), after_s)):
            sys.exit(1)
        self.stdout.write(f"{options['process']} lives but does not work")


async def _is_unresponsive(probe: Probe, after_s: float) -> bool:
    """Return False at the first sign of life, True when none came for `after_s`."""
    end = time.monotonic() + after_s
    while not await probe():
        if time.monotonic() > end:
            return True
        await asyncio.sleep(PROBE_EVERY_S)
    return False
