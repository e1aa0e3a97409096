"""Who gets a line, with a pool that says what the test wants."""

from collections.abc import Callable
from typing import cast

import pytest
from msgspec.structs import replace

from media_relay.egress.captions import captioner as module
from media_relay.egress.captions.captioner import Captioner, clean
from media_relay.egress.captions.engine_choice import Unavailable
from media_relay.egress.captions.pool import Lane, Pool
from media_relay.egress.slot_map import NOBODY, SlotMap
from media_relay.protocol.egress import Caption, CaptionStatus
from tests.media_relay.egress.studio import Rtp


class FakePool:
    def __init__(self) -> None:
        self.is_ready, self.is_behind, self.is_full = True, False, False
        self.lanes: list[Lane] = []
        self.fed: list[int] = []
        self.rested: list[int] = []
        self.closed: list[int] = []
        self.dropped: list[int] = []

    def prepare(self, language: str) -> None:
        pass

    def open(
        self, language: str, on_words: Callable[[str, bool, int], None], on_lost: Callable[[], None]
    ) -> Lane | None:
        if self.is_full or not self.is_ready:
            return None
        self.lanes.append(Lane(len(self.lanes), on_words, on_lost))
        return self.lanes[-1]

    def packet(self, lane: Lane, opus: bytes, timestamp_rtp: int, at_ms: int) -> None:
        self.fed.append(lane.number)

    def rest(self, lane: Lane, silent_ms: int, at_ms: int) -> None:
        self.rested.append(silent_ms)

    def close_lane(self, lane: Lane) -> None:
        self.closed.append(lane.number)

    def drop_lane(self, lane: Lane) -> None:
        self.dropped.append(lane.number)


class Booth:
    def __init__(self) -> None:
        self.now_ms = 10_000
        self.pool = FakePool()
        self.slots = SlotMap()
        self.lines: list[Caption] = []
        self.statuses: list[str] = []
        self.streams = [Rtp(slot + 1, 111) for slot in range(3)]
        pool = cast("Pool", self.pool)
        self.captioner = Captioner(
            pool, self.slots, self.lines.append, self._on_status, lambda: self.now_ms
        )

    def _on_status(self, status: CaptionStatus) -> None:
        self.statuses.append(status.status)

    def assign(
        self, first: str | None = None, second: str | None = None, third: str | None = None
    ) -> None:
        self.slots.take(replace(NOBODY, audio=(first, second, third)))
        self.captioner.on_assigned()

    def speak(self, slot: int, packets: int = 1) -> None:
        for _ in range(packets):
            self.captioner.on_packet(slot, self.streams[slot].packet(b"\xf8\xff\xfe", 0))

    def pass_ms(self, ms: int) -> None:
        for _ in range(ms // 100):
            self.now_ms += 100
            self.captioner.tick()

    @property
    def said(self) -> list[tuple[str, str, bool]]:
        return [(line.participant, line.text, line.final) for line in self.lines]


@pytest.fixture
def booth(monkeypatch: pytest.MonkeyPatch) -> Booth:
    monkeypatch.setattr(module, "require", lambda language, model: None)
    booth = Booth()
    booth.captioner.use("en", "")
    return booth


def test_it_gives_each_slot_a_lane_and_each_line_its_speaker(booth: Booth) -> None:
    booth.assign("alice", "bob", None)
    booth.speak(0)
    booth.speak(1)
    booth.speak(2)  # Nobody is there.
    alice, bob = booth.pool.lanes
    alice.on_words("hello", False, 1)
    bob.on_words("yes", False, 2)
    alice.on_words("hello there", True, 1)
    alice.on_words("again", False, 9)
    assert booth.said == [
        ("alice", "hello", False),
        ("bob", "yes", False),
        ("alice", "hello there", True),
        ("alice", "again", False),
    ]
    first, other, final, after = (line.id for line in booth.lines)
    assert first == final
    assert len({first, other, after}) == 3


def test_it_ends_a_turn_with_the_slot_and_still_takes_its_last_words(booth: Booth) -> None:
    booth.assign("alice", None, None)
    booth.speak(0)
    booth.pool.lanes[0].on_words("good mor", False, 1)
    booth.assign("bob", None, None)
    booth.speak(0)
    assert booth.pool.closed == [0]
    booth.pool.lanes[0].on_words("good morning", True, 1)
    booth.pool.lanes[1].on_words("thanks", False, 2)
    assert booth.said[1:] == [("alice", "good morning", True), ("bob", "thanks", False)]


def test_it_ends_the_line_of_who_has_gone_when_no_last_words_come(booth: Booth) -> None:
    booth.assign("alice", None, None)
    booth.speak(0)
    booth.pool.lanes[0].on_words("good mor", False, 1)
    booth.assign(None, None, None)
    booth.pass_ms(2000)
    assert booth.said[-1] == ("alice", "good mor", True)
    assert booth.pool.dropped == [0]


def test_it_takes_back_what_was_no_speech(booth: Booth) -> None:
    booth.assign("alice", None, None)
    booth.speak(0)
    lane = booth.pool.lanes[0]
    lane.on_words("", True, 1)
    assert booth.said == [], "Nothing was shown, nothing is taken back."
    lane.on_words("uh", False, 1)
    lane.on_words("[NOISE]", True, 1)
    assert booth.said == [("alice", "uh", False), ("alice", "", True)]


def test_it_says_behind_and_comes_back(booth: Booth) -> None:
    booth.assign("alice", None, None)
    booth.speak(0)
    booth.pool.lanes[0].on_words("to be or", False, 1)
    booth.pool.is_behind = booth.pool.is_full = True
    booth.pool.lanes[0].on_lost()
    assert booth.said[-1] == ("alice", "to be or", True), (
        "What was shown stays, no later word comes."
    )
    booth.speak(0, 3)
    booth.pass_ms(5000)
    assert booth.statuses == ["ok", "behind"]
    booth.pool.is_behind = booth.pool.is_full = False
    booth.speak(0)
    booth.pass_ms(4000)
    assert booth.statuses == ["ok", "behind", "ok"]
    assert len(booth.pool.lanes) == 2
    assert booth.pool.fed == [0, 1], "What came while it was behind is not fed later."


def test_it_keeps_the_first_words_while_an_engine_starts(booth: Booth) -> None:
    booth.pool.is_ready = False
    booth.assign("alice", None, None)
    booth.speak(0, 200)
    booth.pool.is_ready = True
    booth.speak(0)
    assert len(booth.pool.fed) == module.EARLY_PACKETS


def test_it_lets_engines_hear_silence_for_a_while(booth: Booth) -> None:
    booth.assign("alice", None, None)
    booth.speak(0)
    booth.pass_ms(10_000)
    assert booth.pool.rested == list(range(100, module.RESTED_MS + 1, 100))


def test_it_begins_anew_with_another_home(booth: Booth) -> None:
    booth.assign("alice", None, None)
    booth.speak(0)
    booth.streams[0] = Rtp(77, 111)
    booth.speak(0)
    assert booth.pool.closed == [0]
    assert booth.pool.fed == [0, 1]


def test_it_stops_at_once(booth: Booth) -> None:
    booth.assign("alice", None, None)
    booth.speak(0)
    booth.pool.lanes[0].on_words("one", False, 1)
    booth.captioner.stop()
    assert booth.said[-1] == ("alice", "one", True)
    assert booth.pool.dropped == [0]


def test_it_feeds_nothing_where_no_engine_covers_the_language(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_language: str, _model: str) -> None:
        raise Unavailable("language")

    monkeypatch.setattr(module, "require", refuse)
    booth.captioner.use("id", "")
    assert booth.captioner.status == CaptionStatus("unavailable", "language")
    booth.assign("alice", None, None)
    booth.speak(0)
    booth.pass_ms(500)
    assert booth.pool.lanes == []
    assert booth.statuses[-1] == "unavailable"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("hello", "hello"),
        ("<s> hi </s>", "hi"),
        ("[NOISE] a(2)  b", "a b"),
        ("\x00a\n b", "a b"),
        ("x" * 5000, "x" * 1000),
    ],
)
def test_it_shows_words_only(raw: str, text: str) -> None:
    assert clean(raw) == text
