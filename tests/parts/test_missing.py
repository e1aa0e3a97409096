"""Each part is really missing, and each kind of page answers: what can be read is read, what cannot
be done is refused with 503, a sentence and the words, nothing is a 500, and all is well again once
the part is back.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.parts import faults
from tests.parts.faults import Fault
from tests.parts.room import Member, Message, member
from tests.parts.site import Answer, Person, Site, Writer, running_site, small_disk
from tests.stack.folders import temporary_folder
from tests.stack.postgres import postgres_server
from tests.stack.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
DISK_MB = 160
BACK_S = 30.0
# A page may wait for a silent Redis once and for a locked database once, not for each question.
PAGE_S = 16.0
_numbers = itertools.count()


@dataclass(frozen=True)
class Row:
    """What is missing. `writes` is whether posts can be stored; `named` what `/readyz` says."""

    name: str
    fault: Fault
    writes: bool
    named: str
    uploads: bool = True


ROWS = [
    Row("redis killed", faults.redis_killed, True, "redis_away"),
    Row("redis frozen", faults.redis_frozen, True, "redis_away"),
    Row("redis full", faults.redis_full, True, "redis_full"),
    Row("redis read-only", faults.redis_read_only, True, "redis_read_only"),
    Row("redis evicting", faults.redis_evicting, True, "redis_evicting"),
    Row("database locked", faults.database_locked, False, "database_locked", uploads=False),
    Row("disk full", faults.disk_full, False, "disk_full", uploads=False),
    Row(
        "database read-only", faults.database_read_only, False, "database_read_only", uploads=False
    ),
    Row("media read-only", faults.media_read_only, True, "media_read_only", uploads=False),
]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    folder = temporary_folder("parts")
    with small_disk(folder, DISK_MB), running_site(folder) as site:
        yield site


def png() -> bytes:
    return (Path(__file__).parents[2] / "static/img/icon-192.png").read_bytes()


def words() -> str:
    return f"Typed with care, number {next(_numbers)}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" ", "-"))
def test_it_reads_what_can_be_read_and_keeps_what_was_typed(site: Site, row: Row) -> None:
    writer = site.new_writer()
    with row.fault(site):
        named = wait_until(lambda: row.named in missing(site), f"/readyz names {row.named}", 20)
        assert named
        read = together(reads(site))
        text = words()
        wrote = together(writes(site, writer, text))
        health = site.alice.get("/healthz")
    assert health.status == 200
    assert statuses(read) == dict.fromkeys(read, 200)
    expected = dict.fromkeys(wrote, row.writes) | {"picture": row.uploads}
    assert {name: one.status < 400 for name, one in wrote.items()} == expected, statuses(wrote)
    assert {name for name, one in (read | wrote).items() if one.took_s > PAGE_S} == set()
    for name, answer in wrote.items():
        if answer.status >= 400:
            refuses_kindly(name, answer, text)
    is_well_again(site, writer)


# --- in a room ------------------------------------------------------------------------------------

OUTAGE_S = 20.0
KNOWN_S = 5.0


@pytest.mark.parametrize(
    "fault", [faults.redis_killed, faults.redis_frozen], ids=["redis-killed", "redis-frozen"]
)
async def test_a_room_goes_on_without_redis_and_rec_tells_the_truth(
    site: Site, fault: Fault
) -> None:
    url, space = site.stack.url, site.space
    async with (
        member(url, space, site.program.token) as host,
        member(url, space, site.listener.token) as listener,
    ):
        assert (await host.ask("recording.start"))["type"] == "ok"
        changed = await listener.hears(lambda one: one["type"] == "space.changed")
        assert changed["space"]["recording"]
        await is_recorded(host)
        begun = time.monotonic()
        with fault(site):
            for one in (host, listener):
                await one.hears(is_a("recording.failed"), since=begun)
                assert one.at("recording.failed", begun) - begun < KNOWN_S
            spoke = await host.ask("mic.set", on=True)
            assert spoke["type"] == "ok", "The seat is a row in the database."
            await asyncio.sleep(max(0.0, begun + OUTAGE_S - time.monotonic()))
        back = time.monotonic()
        for one in (host, listener):
            await one.hears(is_a("recording.resumed"), 30, since=back)
        snapshot = await listener.ask("snapshot.get")
        assert [seat["user"]["handle"] for seat in snapshot["stage"]] == ["alice"]
        assert (snapshot["stage"][0]["mic"], snapshot["recording_trouble"]) == (True, "")
        assert (host.closed_with, listener.closed_with) == (None, None), "Nobody had to come back."
        await host.ask("mic.set", on=False)
        await host.ask("recording.stop")


async def test_a_room_says_unavailable_while_the_database_is_locked(site: Site) -> None:
    async with member(site.stack.url, site.space, site.program.token) as host:
        with faults.database_locked(site):
            answer = await host.ask("mic.set", 30, on=True)
        assert (answer["type"], answer["code"]) == ("error", "unavailable")
        assert "try again" in answer["message"]
        assert (await host.ask("mic.set", on=True))["type"] == "ok"
        await host.ask("mic.set", on=False)


def is_a(kind: str) -> Callable[[Message], bool]:
    return lambda message: bool(message["type"] == kind)


async def is_recorded(host: Member) -> None:
    """Wait until egress writes: it may need longer to begin than pages are left in doubt."""
    for _ in range(60):
        snapshot = await host.ask("snapshot.get")
        if snapshot["space"]["recording"] and not snapshot["recording_trouble"]:
            await asyncio.sleep(4)
            again = await host.ask("snapshot.get")
            if not again["recording_trouble"]:
                return
        await asyncio.sleep(0.5)
    raise AssertionError("Nothing is recorded.")


# --- PostgreSQL -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site_on_postgres() -> Iterator[Site]:
    try:
        with (
            postgres_server() as postgres,
            running_site(temporary_folder("parts"), postgres) as site,
        ):
            yield site
    except FileNotFoundError as error:
        pytest.skip(str(error))


def test_it_says_so_on_every_page_while_postgresql_is_stopped(site_on_postgres: Site) -> None:
    site = site_on_postgres
    writer = site.new_writer()
    with faults.database_away(site):
        text = words()
        read = together(reads(site))
        wrote = together(writes(site, writer, text))
        assert missing(site) == ["database_away"]
        assert site.alice.get("/healthz").status == 200
        visitor = Person(site.stack.url)
        assert visitor.get("/offline/").status == 200, "What asks nothing is there."
    assert statuses(read) == dict.fromkeys(read, 503)
    for answer in read.values():
        assert "Back in a moment" in answer.text and int(answer.headers["Retry-After"]) > 0
    for name, answer in wrote.items():
        refuses_kindly(name, answer, text)
    is_well_again(site, writer)


def is_well_again(site: Site, writer: Writer) -> None:
    wait_until(lambda: site.ready().status == 200, "/readyz is well", BACK_S)
    again = writer.browser.post("/posts/", {"text": words()})
    assert (again.status, site.alice.get("/").status) == (200, 200)


def reads(site: Site) -> dict[str, Callable[[], Answer]]:
    return {name: partial(site.alice.get, path) for name, path in site.paths.items()}


def writes(site: Site, writer: Writer, text: str) -> dict[str, Callable[[], Answer]]:
    """Return one of each kind of write."""
    return {
        "post": lambda: writer.browser.post("/posts/", {"text": text}),
        "htmx": lambda: writer.browser.post("/posts/", {"text": words()}, HTMX),
        "message": lambda: writer.browser.post(writer.conversation, {"text": text}),
        "api": lambda: writer.program.send("/api/v1/posts/", {"text": words()}),
        "log-in": lambda: Person(site.stack.url).log_in("bob"),
        "picture": lambda: writer.browser.upload("/posts/", {"text": text}, "images", png()),
    }


HTMX = {"HX-Request": "true"}


def refuses_kindly(name: str, answer: Answer, text: str) -> None:
    assert answer.status == 503, (name, answer.text[:500])
    assert int(answer.headers["Retry-After"]) > 0
    if name in ("api", "htmx"):
        assert (answer.json["code"], "try again" in answer.json["message"]) == ("unavailable", True)
        return
    assert "Back in a moment" in answer.text
    if name == "log-in":
        assert 'value="bob"' in answer.text and "parley-demo" not in answer.text
    else:
        assert f"{text}</textarea>" in answer.text, "What was typed stands on the page."


def missing(site: Site) -> list[str]:
    found: list[str] = site.ready().json["missing"]
    return found


def statuses(answers: dict[str, Answer]) -> dict[str, int]:
    return {name: one.status for name, one in answers.items()}


def together(asked: Mapping[str, Callable[[], Answer]]) -> dict[str, Answer]:
    with ThreadPoolExecutor(len(asked)) as pool:
        begun = {name: pool.submit(ask) for name, ask in asked.items()}
        return {name: one.result() for name, one in begun.items()}
