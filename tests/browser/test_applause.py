"""Applause of many: a few messages a second carry all of it, and it is seen (RULES §8)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.bench.room.__main__ import make_people
from tests.browser.crowd import listening
from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CLAPPING, VISITORS = 24, 90  # More than 100 in all: from there on reactions are gathered.
SMALL_ROOM = 100
ROUNDS = 5
ROUND_MS = 1_100  # Everybody may react once a second.
MOST_PER_S = 4
CLAP = '{"type":"reaction.send","emoji":"👏"}'


def batches(person: Person) -> list[dict[str, Any]]:  # Any: messages as they came.
    return person.heard("reactions")


def reactions_in(person: Person) -> int:
    return sum(count for batch in batches(person) for _, _, count in batch["items"])


def test_a_room_full_of_applause_comes_in_few_messages_and_is_seen(town: Town) -> None:
    made = make_people(town.site, CLAPPING)
    fan, other = town.person(), town.person()
    with listening(town.site, made["space"]) as crowd:
        crowd.comes([made["host"], *[""] * VISITORS])
        clapping = crowd.comes(made["cookies"])
        for person in (fan, other):
            person.listens_to(f"{town.site.url}/spaces/{made['space']}/")
        other.until(lambda: other.listener_count() > SMALL_ROOM, "the full house is told")
        fan.reacts("💯")
        for _ in range(ROUNDS):
            crowd.says(clapping, CLAP)
            other.page.wait_for_timeout(ROUND_MS)  # The pace of people, not a condition.
        marks = other.page.locator("[data-room=reaction]")
        expect(marks.first).to_be_visible()
        expect(marks.filter(has_text="👏").first).to_be_visible()
        expect(other.page.locator("#announcer")).to_have_text(
            re.compile(r"Reactions: .*\b\d{2,} 👏")
        )
        taken = crowd.total(b"ok") + 1  # The fan's own.
        other.until(lambda: reactions_in(other) == taken, f"all {taken} reactions, none twice")
    assert taken > ROUNDS * CLAPPING / 2, "most of them were in time"
    assert (
        max(len({user for user, _, _ in batch["items"]}) for batch in batches(other))
        >= CLAPPING / 2
    ), "one message carries the reactions of many"
    for person in (fan, other):
        times = [batch["heard_at_ms"] / 1000 for batch in batches(person)]
        assert len(times) - 1 <= MOST_PER_S * (times[-1] - times[0]), times
        assert [fan.user_id(), "💯"] in [
            item[:2] for batch in batches(person) for item in batch["items"]
        ]
