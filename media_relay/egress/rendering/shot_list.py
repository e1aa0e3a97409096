"""What is shown when: one subject at a time, and calm."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from media_relay.egress.rendering.log_summary import Moment
from media_relay.egress.rendering.timeline import Timeline
from media_relay.egress.slot_map import SCREEN, VIDEO

LEAST_MS = 4000  # RULES §8, and nobody can follow more cuts.
# Somebody who is shown for less is not worth a cut, unless nothing better is there.
BRIEF_MS = 2000


class Look(Enum):
    TITLE = "title"  # Nobody has spoken yet.
    CARD = "card"
    CAMERA = "camera"
    SCREEN = "screen"

    @property
    def slot(self) -> int | None:
        return {Look.CAMERA: VIDEO, Look.SCREEN: SCREEN}.get(self)


@dataclass(frozen=True, slots=True)
class Subject:
    look: Look
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    start_ms: int
    subject: Subject


class ShotList:
    """`at` tells what is shown; `list` has all, first at 0."""

    def __init__(self, moments: Sequence[Moment], timeline: Timeline) -> None:
        raw = [Shot(0, Subject(Look.TITLE))]
        for moment in moments:
            start_ms = max(round(timeline.place_us(moment.at_us) / 1000), 0)
            if moment.users[SCREEN] is not None:
                subject = Subject(Look.SCREEN, moment.users[SCREEN])
            elif moment.users[VIDEO] is not None:
                subject = Subject(Look.CAMERA, moment.users[VIDEO])
            elif moment.active is not None:
                subject = Subject(Look.CARD, moment.active)
            else:
                continue  # In silence the last one stays.
            if subject == raw[-1].subject:
                continue
            if raw[-1].start_ms >= start_ms:
                raw.pop()
            raw.append(Shot(start_ms, subject))
        self.list = calm(raw, timeline.duration_ms)
        self._starts = [shot.start_ms for shot in self.list]

    def at(self, ms: float) -> Shot:
        return self.list[max(bisect_right(self._starts, ms) - 1, 0)]


def calm(raw: Sequence[Shot], duration_ms: int) -> list[Shot]:
    """Return the shots with at least `LEAST_MS` each: a cut that comes too early waits, a brief
    look is left out.
    """
    starts = [shot.start_ms for shot in raw] + [duration_ms]
    shots = [raw[0]] if raw else [Shot(0, Subject(Look.TITLE))]
    index = 1
    while index < len(raw):
        start = raw[index].start_ms
        end = starts[index + 1]
        # The title is no subject: the first one who speaks may have its place at once.
        least = LEAST_MS if shots[-1].subject.look is not Look.TITLE else 0
        start = max(start, shots[-1].start_ms + least)
        is_brief = end - start < BRIEF_MS and least > 0
        if not is_brief and raw[index].subject != shots[-1].subject:
            if start <= shots[-1].start_ms:
                shots.pop()
            shots.append(Shot(start, raw[index].subject))
        index += 1
    return shots
