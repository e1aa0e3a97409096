"""Live captions in Chromium (RULES §8): two voices, one after the other and at once, each under the
right name.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.reading import SENTENCES, first_words_after, lines, lines_of, reads, speaking
from tests.browser.town import Town
from tests.media_relay.egress.studio import word_errors

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SUNDAY, PARTY = "slt-sunday", "rms-party"
MOST_ERRORS = 0.2
FIRST_WORDS_S = 2.0
TIMES_S = 60  # Several times of a sentence of four seconds: the first begins in the middle.
ON_ITS_WAY_MS = 2_000  # What was said before the mute.
QUIET_MS = 4_000
BEFORE_OTHERS = -10


@pytest.fixture(autouse=True)
def _heard_first(town: Town) -> Iterator[None]:
    """Egress before the browsers of the tests, where we may say so: in life they run on other
    machines.

    What is late is dropped by design; this is about words, not about how many browsers two cores
    can carry.
    """
    rank(town.site.pid("egress"), BEFORE_OTHERS)
    yield
    rank(town.site.pid("egress"), 0)


def rank(pid: int, nice: int) -> None:
    """Set the priority of a process and its session, if this account may (sched(7): the session is
    its autogroup).
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
        Path(f"/proc/{pid}/autogroup").write_text(str(nice))


def comes_on_stage(host: Person, guest: Person) -> None:
    guest.listens_to(host.room_url)
    guest.asks_to_speak()
    host.approves(guest)
    guest.is_on_stage()


def has_only_what_they_said(viewer: Person, speaker: Person, said: str, other: str) -> None:
    """No line under this name is rather the other's sentence than this one."""
    for line in lines_of(viewer, speaker):
        assert word_errors(said, line) <= word_errors(other, line), f"{speaker.handle} has {line!r}"


def stays_quiet(viewer: Person, speaker: Person) -> None:
    """The microphone is off: what was on its way may end, and then nothing comes."""
    viewer.page.wait_for_timeout(ON_ITS_WAY_MS)
    before = [line for line in lines(viewer) if line["participant"] == speaker.user_id()]
    # That nothing comes takes its time to see: a whole sentence is said.
    viewer.page.wait_for_timeout(QUIET_MS)
    assert [line for line in lines(viewer) if line["participant"] == speaker.user_id()] == before


def shows_who(viewer: Person, speaker: Person) -> None:
    """Their own name stands before the line on the screen."""
    name = speaker.seat_of(speaker)["user"]["name"]
    line = viewer.page.locator(f".captions__line[data-user='{speaker.user_id()}']").last
    expect(line.locator(".captions__who")).to_have_text(name)


def test_two_who_speak_have_their_words_under_their_names(town: Town) -> None:
    host, guest = (
        town.person(speaking(SUNDAY, (200, 30, 30))),
        town.person(speaking(PARTY, (30, 40, 200))),
    )
    host.is_live_in("Both of us")
    comes_on_stage(host, guest)
    for speaker in (host, guest):
        speaker.ask("() => instruments.followOwnVoice()")

    host.talks()
    reads(guest, host, SENTENCES[SUNDAY], MOST_ERRORS, TIMES_S)
    shows_who(guest, host)
    host.mutes()
    stays_quiet(guest, host)
    guest.talks()
    reads(host, guest, SENTENCES[PARTY], MOST_ERRORS, TIMES_S)
    shows_who(host, guest)

    alone = len(lines(guest)), len(lines(host))
    host.talks()
    reads(guest, host, SENTENCES[SUNDAY], MOST_ERRORS, TIMES_S, alone[0])
    reads(host, guest, SENTENCES[PARTY], MOST_ERRORS, TIMES_S, alone[1])
    for viewer, speaker, said, other in (
        (guest, host, SUNDAY, PARTY),
        (host, guest, PARTY, SUNDAY),
    ):
        assert first_words_after(viewer, speaker, FIRST_WORDS_S), "never within two seconds"
        has_only_what_they_said(viewer, speaker, SENTENCES[said], SENTENCES[other])
    host.mutes()
    stays_quiet(guest, host)
    guest.mutes()
    stays_quiet(host, guest)
