"""The talk in whose middle things break: a host and a listener in Chromium, and light listeners."""

import time
from contextlib import suppress

from tests.bench.meter import percentile
from tests.browser.town import Town
from tests.browser.voices import RED
from tests.chaos.listener import Audience
from tests.stack.parley import Parley
from tests.stack.waiting import wait_until

RECOVERY_S = 60.0
COMING_S = 180.0  # A hundred at once, on a machine that has other things to do.
# How long after it is over a gap still counts to it, even if the sound went on at first.
WATCH_S = 8.0
HEADS = (
    "silence p50 · p95 · longest",
    "gaps p50 · p99 · longest, packets lost",
    "undisturbed",
    "in Chromium, undisturbed",
    "seat and microphone",
)


class Talk:
    """One live Space at `url` with its people."""

    def __init__(self, url: str, town: Town, listeners: int) -> None:
        self.host = town.person(RED)
        self.listener = town.person()
        self.host.is_live_in("Steady hands")
        self.host.talks()
        self.listener.listens_to(self.host.room_url)
        self.listener.hears(RED)
        space = self.host.room_url.rstrip("/").rsplit("/", 1)[1]
        self.audience = Audience(url, space, listeners)
        self.all_hear("at first", COMING_S)

    def is_recorded(self, stack: Parley) -> None:
        """Begin a recording; return when egress writes it and the pages say so."""
        self.host.records()
        wait_until(lambda: "is served here" in stack.log, "egress records", RECOVERY_S)
        self.listener.until(lambda: self.rec() == "REC", "REC stands")

    def rec(self) -> str:
        """Return what the listener's page says of the recording."""
        return str(
            self.listener.page.evaluate(
                "() => document.querySelector('.sign--rec, .sign--rec-paused')?.textContent ?? ''"
            )
        )

    def all_hear(self, when: str, within_s: float = RECOVERY_S) -> None:
        """Raises TimeoutError that says how many of the light listeners do not, and why."""
        with suppress(TimeoutError):
            wait_until(lambda: not self.audience.troubles(), "all hear", within_s)
            return
        raise TimeoutError(f"Not all hear within {within_s:g} s {when}: {self.audience.troubles()}")

    def passes(self, seconds: float) -> None:
        """Let time pass; the pages work meanwhile."""
        self.listener.page.wait_for_timeout(seconds * 1000)

    def seat(self) -> dict[str, object]:
        """Return what the host must still have afterwards."""
        seat = self.host.seat_of(self.host)
        return {name: seat[name] for name in ("role", "mic", "camera")}

    def losses(self) -> int:
        """Return how often the room believed that its host was gone."""
        return len(self.listener.heard("host.lost"))


class Watch:
    """What everybody notices from now on until `end`, and what they do in as long a time after it,
    in which nothing is done: that much is the machine's.
    """

    def __init__(self, talk: Talk) -> None:
        self.begun = time.monotonic()
        self._talk = talk
        self._seat, self._losses = talk.seat(), talk.losses()
        self._chromium = talk.listener.watches_for_gaps()

    def end(self, what: str) -> None:
        talk = self._talk
        talk.all_hear(f"after {what}")
        until = time.monotonic()
        self.heard = talk.audience.heard(self.begun, until)
        talk.listener.hears(RED, RECOVERY_S)
        self._chromium_ms = self._chromium()["longest_gap_ms"]
        nothing, begun = talk.listener.watches_for_gaps(), time.monotonic()
        talk.passes(until - self.begun)
        self.undisturbed = talk.audience.heard(begun, time.monotonic())
        self._undisturbed_ms = nothing()["longest_gap_ms"]

    @property
    def seat(self) -> str:
        now = self._talk.seat()
        if now != self._seat:
            return f"{self._seat} became {now}"
        is_same = self._talk.losses() == self._losses
        return "as before" if is_same else "as before, after the host was believed gone"

    @property
    def cells(self) -> list[str]:
        """Return the cells under `HEADS`."""
        longest_s = self.heard.longest_s
        silence_s = (percentile(longest_s, 0.5), percentile(longest_s, 0.95), max(longest_s))
        return [
            " · ".join(f"{one:.2f}" for one in silence_s) + " s",
            str(self.heard),
            str(self.undisturbed),
            f"{self._chromium_ms:.0f} ms, {self._undisturbed_ms:.0f} ms",
            self.seat,
        ]

    def faults(self, *, is_on_the_way: bool) -> list[str]:
        """Return what must not be. The sound may break off only if what ended was `is_on_the_way`
        of it; a packet that is lost is told from one that a busy machine brings late.
        """
        found = [] if self.seat == "as before" else [f"the host's seat: {self.seat}"]
        if not is_on_the_way and self.heard.lost > self.undisturbed.lost:
            found.append(f"{self.heard.lost} packets were lost, {self.undisturbed.lost} without it")
        return found
