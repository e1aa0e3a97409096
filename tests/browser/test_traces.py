"""What stays of a talk on the disk: nothing at all without a recording (RULES §8)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.people import Person
from tests.browser.reading import lines_of, speaking
from tests.browser.town import Town
from tests.browser.wiretap import Wiretap

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
KNOWN = re.compile(
    r"(parley\.sqlite3.*|celerybeat-schedule.*|run\.(log|json|lock)|valkey/.*|mail/.*|media/posters/.*)"
)


def files_of(town: Town) -> set[str]:
    root = town.site.data_dir
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@contextmanager
def tapped(town: Town, host: Person) -> Iterator[Wiretap]:
    """Yield the tap on the host's Space once it has heard enough of the talk."""
    tap = Wiretap(town.site, host.room_url.rstrip("/").rsplit("/", 1)[1])
    try:
        host.until(tap.has_enough, "several dozen pieces of the talk", 60)
        yield tap
    finally:
        tap.close()


def test_without_a_recording_no_byte_of_the_talk_is_on_the_disk(town: Town) -> None:
    host, guest = town.person(speaking("slt-sunday", (200, 30, 30))), town.person()
    before = files_of(town)
    host.is_live_in("Between us")
    guest.listens_to(host.room_url)
    host.talks()
    host.shows_camera()
    guest.sees_a_picture()
    guest.until(lambda: lines_of(guest, host), "captions, so egress has heard it", 60)
    with tapped(town, host) as tap:
        host.ends()
        guest.sees_the_end()
        tap.brings_all_to_the_disk()
        assert [name for name in sorted(files_of(town) - before) if not KNOWN.fullmatch(name)] == []
        assert tap.traces.found_under(town.site.data_dir) == {}
    lines_of_it = "TranscriptLine.objects.filter(space__title='Between us')"
    # Raises if not.
    town.site.shell(f"from spaces.models import TranscriptLine; assert not {lines_of_it}.exists()")


def test_with_a_recording_the_same_search_finds_it_in_the_log_alone(town: Town) -> None:
    host = town.person(speaking("slt-sunday", (200, 30, 30)))
    host.is_live_in("For the record")
    host.records()
    host.talks()
    host.shows_camera()
    with tapped(town, host) as tap:
        all_of_it = len(tap.traces.pieces)
        host.until(
            lambda: sum(tap.traces.found_under(town.site.data_dir).values()) >= all_of_it,
            "all of it on disk",
        )
        tap.brings_all_to_the_disk()
        found = tap.traces.found_under(town.site.data_dir)
    assert {Path(name).parts[0] for name in found} == {"recordings"}, found
    host.ends()
