"""The relay asks whether its packets are still wanted, and the browser says so (RFC 7675)."""

from functools import partial

import pytest

from tests.browser.people import Person
from tests.browser.town import Town
from tests.browser.voices import RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ASKED = 4  # Once to begin with, then every five seconds.


def has_answered(person: Person) -> bool:
    """Return whether this browser has answered the relay's checks several times."""
    answered = int(
        person.page.evaluate(
            """async () => (await window.parley.room.peer.stats())
              .filter((row) => row.type === "candidate-pair")
              .reduce((sum, row) => sum + row.responsesSent, 0)"""
        )
    )
    return answered >= ASKED


def test_chromium_answers_the_checks_of_a_lite_agent(town: Town) -> None:
    host, listener = town.person(RED), town.person()
    host.is_live_in("Are you still there")
    host.talks()
    listener.listens_to(host.room_url)
    listener.hears(RED)
    for person in (host, listener):
        person.until(partial(has_answered, person), "four answers", 40)
    listener.hears(RED)
