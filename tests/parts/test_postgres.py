"""PostgreSQL takes connections and does not answer, or somebody holds its tables: a page says so in
bounded time, rooms go on, and all is well again by itself.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.parts.room import member
from tests.parts.site import Answer, Person, Site, running_site
from tests.parts.test_missing import (
    PAGE_S,
    is_well_again,
    missing,
    reads,
    refuses_kindly,
    statuses,
    together,
    words,
    writes,
)
from tests.stack.folders import temporary_folder
from tests.stack.postgres import postgres_server

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]
OUTAGE_S = 20.0  # Longer than a socket without presence is taken for alive.


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    try:
        with (
            postgres_server() as postgres,
            running_site(temporary_folder("postgres"), postgres) as site,
        ):
            yield site
    except FileNotFoundError as error:
        pytest.skip(str(error))


@contextmanager
def frozen(site: Site) -> Iterator[None]:
    assert site.postgres is not None
    site.postgres.freeze()
    try:
        yield
    finally:
        site.postgres.thaw()


@contextmanager
def locked(site: Site, *tables: str) -> Iterator[None]:
    """Hold tables as a change of their columns does, or a copy that does not end."""
    assert site.postgres is not None
    with psycopg.connect(site.postgres.url.replace("postgres:", "postgresql:")) as holder:
        holder.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE".encode())
        yield
        holder.rollback()


def test_it_says_so_on_every_page_while_postgresql_is_frozen(site: Site) -> None:
    writer = site.new_writer()
    with frozen(site):
        text = words()
        read = together(reads(site))
        wrote = together(writes(site, writer, text))
        assert missing(site) == ["database_away"]
        assert site.alice.get("/healthz").status == 200
        assert Person(site.stack.url).get("/offline/").status == 200
    assert statuses(read) == dict.fromkeys(read, 503)
    for answer in read.values():
        assert "Back in a moment" in answer.text and int(answer.headers["Retry-After"]) > 0
    for name, answer in wrote.items():
        refuses_kindly(name, answer, text)
    assert slow(read | wrote) == {}
    is_well_again(site, writer)


def test_it_says_so_while_somebody_holds_the_tables_of_a_page(site: Site) -> None:
    writer = site.new_writer()
    with locked(site, "posts_post"):
        text = words()
        read = together({name: reads(site)[name] for name in ("home", "thread", "settings")})
        wrote = together({name: writes(site, writer, text)[name] for name in ("post", "api")})
    assert statuses(read) == {"home": 503, "thread": 503, "settings": 200}
    for name, answer in wrote.items():
        refuses_kindly(name, answer, text)
    assert slow(read | wrote) == {}
    is_well_again(site, writer)


async def test_a_room_goes_on_while_postgresql_is_frozen(site: Site) -> None:
    url, space = site.stack.url, site.space
    async with (
        member(url, space, site.program.token) as host,
        member(url, space, site.listener.token) as listener,
    ):
        with frozen(site):
            refused = await host.ask("mic.set", PAGE_S, on=True)
            assert (refused["type"], refused["code"]) == ("error", "unavailable")
            await asyncio.sleep(OUTAGE_S)
            assert (await listener.ask("ping"))["type"] == "pong", "The socket is served."
        assert (await host.ask("mic.set", 30, on=True))["type"] == "ok"
        heard = await listener.hears(
            lambda one: one["type"] == "seat.changed" and one["seat"]["mic"], 30
        )
        assert heard["seat"]["user"]["handle"] == "alice"
        assert (host.closed_with, listener.closed_with) == (None, None), "Nobody had to come back."
        await host.ask("mic.set", on=False)


async def test_a_room_says_unavailable_while_somebody_holds_its_rows(site: Site) -> None:
    async with member(site.stack.url, site.space, site.program.token) as host:
        with locked(site, "spaces_space", "spaces_seat"):
            refused = await host.ask("mic.set", PAGE_S, on=True)
        assert (refused["type"], refused["code"]) == ("error", "unavailable")
        assert (await host.ask("mic.set", on=True))["type"] == "ok"
        await host.ask("mic.set", on=False)


def slow(answers: dict[str, Answer]) -> dict[str, float]:
    return {name: one.took_s for name, one in answers.items() if one.took_s > PAGE_S}
