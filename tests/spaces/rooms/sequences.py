"""Message sequences of random rooms, for the page's reducer: `python -m tests.spaces.rooms.sequences`
writes them to the fixture that `tests/static/js/room/fold.test.mjs` folds.

A sequence is what one viewer gets: a snapshot, the messages after it, and now and then a fresh
snapshot to compare with.
"""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spaces.rooms import encoding
from spaces.rooms.commands import HandOver, RequestToSpeak
from spaces.rooms.events import Event
from spaces.rooms.state import Role, Room, SpeakRule
from tests.spaces.rooms.test_machine import AIMED, PEOPLE, POSTS, SIMPLE, RoomMachine

FIXTURE = Path(__file__).resolve().parents[2] / "static/js/room/sequences.json"
SEEDS = (1, 8)  # Their rooms last, and have every event.
STEPS = 80
COMPARED = ("space", "me", "stage", "requests", "pins")  # What events change.

Json = dict[str, Any]  # Any: what goes over the wire.


@dataclass(frozen=True)
class Sequence:
    """`checks` are fresh snapshots, each with how many messages came before it."""

    snapshot: Json
    messages: list[Json]
    checks: list[tuple[int, Json]]


class RecordedRoom(RoomMachine):
    """The random room, driven by a seed and noting what each viewer is sent."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._choice = random.Random(seed)
        self.sent: dict[int | None, list[Json]] = {}
        self.first: dict[int | None, Json] = {}
        self.checks: dict[int | None, list[tuple[int, Json]]] = {}
        self.begin(rule_=self._choice.choice(list(SpeakRule)))

    def step(self) -> None:
        pick = self._choice.choice
        user = pick(PEOPLE)
        match self._choice.randrange(19):
            case 0 | 1 | 2:
                self.does_something(user=user, command=pick(SIMPLE))
            case 3 | 4:
                self.does_it_as_host(whom=user, make=pick(AIMED))
            case 5 | 6:
                role = pick([Role.SPEAKER, Role.COHOST])
                self.is_invited(whom=user, role=role, is_accepted=pick([True, True, False]))
            case 7:
                kind = pick(["mic", "camera", "screen"])
                self.publishes(user=user, kind=kind, on=pick([True, False]))
            case 8:
                what = pick(["locked", "video", "requests_open"])
                self.changes_settings(user=self.room.host, on=pick([True, False]), what=what)
            case 9:
                self.pins(user=user, post=pick(POSTS))
                self.unpins(user=user, pin=pick([5, 6, 7]))
            case 10:
                self.drops(user=pick([user for user in PEOPLE if user != self.room.host]))
                self.time_passes(seconds=pick([1, 6, 20]))
            case 11:
                self.comes_back(user=pick([user, self.room.host]), page=pick(["", "a"]))
            case 12 | 13:
                self.does_something(user=user, command=RequestToSpeak("may I", consent=True))
            case 14:
                self.does_it_as_host(whom=user, make=HandOver)
            case 15:
                self.loses_the_host()
                self.time_passes(seconds=20)
            case 16:
                self.is_renamed(user=user, name=pick(["Ayu", "Budi"]))
            case 17:
                seen = pick(["gone", "edited", "blocked"])
                self.post_is_changed(post=pick(POSTS), seen=seen)
            case 18:
                self.is_logged_out(user=user, page=pick(["", "a"]))

    def _tell(self, before: Room, told: Iterable[Event]) -> None:
        if not self.first:
            self.first = {user: dict(known) for user, known in self.viewers.items()}
            self.sent = {user: [] for user in self.viewers}
        told = tuple(told)
        change = encoding.encode(self.room, told, is_stored=self.room.rev != before.rev)
        for user in self.viewers:
            if user in self.sent:
                texts = change.texts_for(user, as_staff=user == 10)
                self.sent[user] += [json.loads(text) for text in texts]
        super()._tell(before, told)

    def check(self) -> None:
        """Note what a fresh snapshot shows those now who got a message."""
        for user, messages in self.sent.items():
            checks = self.checks.setdefault(user, [])
            is_news = not checks or checks[-1][0] < len(messages)
            if user in self.viewers and is_news:
                checks.append((len(messages), self._fresh(user)))

    def sequences(self) -> list[Sequence]:
        """Return what each viewer got who was there from beginning to end."""
        return [
            Sequence(self.first[user], messages, self.checks[user])
            for user, messages in self.sent.items()
            if user in self.viewers
        ]


def recorded() -> list[Sequence]:
    """Return the sequences of all seeds."""
    found: list[Sequence] = []
    for seed in SEEDS:
        room = RecordedRoom(seed)
        for _ in range(STEPS):
            room.step()
            room.check()
        assert not room.room.is_over, f"The room of seed {seed} must last."
        found += room.sequences()
    return found


def packed(sequences: list[Sequence]) -> str:
    """Return the sequences as JSON in which a value that many viewers get stands once."""
    values: list[str] = []
    places: dict[str, int] = {}

    def place(value: object) -> int:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        if text not in places:
            places[text] = len(values)
            values.append(text)
        return places[text]

    rows = []
    for sequence in sequences:
        checks = [
            {
                "after": after,
                "rev": fresh["rev"],
                **{name: place(fresh[name]) for name in COMPARED},
            }
            for after, fresh in sequence.checks
        ]
        messages = [place(message) for message in sequence.messages]
        row = {"snapshot": place(sequence.snapshot), "messages": messages, "checks": checks}
        rows.append(json.dumps(row))
    lines = (",\n".join(values), ",\n".join(rows))
    return f'{{"values": [\n{lines[0]}\n], "sequences": [\n{lines[1]}\n]}}\n'


if __name__ == "__main__":
    FIXTURE.write_text(packed(recorded()))
