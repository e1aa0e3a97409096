"""Two real web processes on one database and one Valkey: what one has counted the other knows."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from tests.stack import webs

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
TOKEN = "a" * 32  # Any will do: what counts is that cookie and header agree.
SEED = """
import json
from django.test import Client
from accounts.models import User
from spaces.services import scheduling
from spaces.services.scheduling import SpaceDraft
people = {name: User.objects.create_user(name, name + "@people.example", "x") for name in ("maya", "budi")}
space = scheduling.start(scheduling.open_now(people["budi"], SpaceDraft("Tea")), people["budi"])
def cookie(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["parley_session"].value
cookies = {name: cookie(user) for name, user in people.items()}
print(json.dumps({**cookies, "space": space.public_id}))
"""


@dataclass(frozen=True)
class Webs:
    """The two, the log-in of one person, and a live Space of another, the `host`."""

    pair: webs.Webs
    cookie: str
    space: str
    host: str

    def url(self, number: int, path: str) -> str:
        return self.pair.url(number, path)


@pytest.fixture(scope="module", name="webs")
def two_webs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webs]:
    # Long enough that a busy machine cannot let it pass between two reactions.
    settings = {"PARLEY_LIMITS": json.dumps({"reaction_every_ms": 60_000})}
    with webs.running_webs(tmp_path_factory.mktemp("webs"), settings=settings) as pair:
        made = pair.shell(SEED)
        yield Webs(pair, made["maya"], made["space"], made["budi"])


@asynccontextmanager
async def browser(webs: Webs, cookie: str = "") -> AsyncIterator[aiohttp.ClientSession]:
    cookies = {"csrftoken": TOKEN, **({"parley_session": cookie} if cookie else {})}
    async with aiohttp.ClientSession(cookies=cookies, headers={"X-CSRFToken": TOKEN}) as session:
        yield session


@pytest.mark.parametrize(
    ("path", "most", "body"),
    [
        ("/account/signup/", 20, {"email": "no"}),
        ("/account/login/", 30, {"login": "nobody", "password": "x"}),
        ("/posts/", 20, {"text": ""}),
        ("/messages/to/budi/", 60, {"text": ""}),
        ("/@budi/follow/", 60, {"on": "1"}),
        ("/spaces/new/", 30, {"title": ""}),
    ],
)
async def test_the_first_request_too_many_is_refused_by_the_other_process(
    webs: Webs, path: str, most: int, body: dict[str, str]
) -> None:
    cookie = "" if path.startswith("/account/") else webs.cookie
    async with browser(webs, cookie) as session:
        statuses = []
        for number in range(most + 1):
            async with session.post(
                webs.url(number, path), data=body, allow_redirects=False
            ) as answer:
                statuses.append(answer.status)
                wait = answer.headers.get("Retry-After", "")
        assert statuses.count(429) == 1 and statuses[-1] == 429, statuses
        assert int(wait) >= 1


@asynccontextmanager
# Any: aiohttp's socket.
async def room(webs: Webs, session: aiohttp.ClientSession, number: int) -> AsyncIterator[Any]:
    url = webs.url(number, f"/ws/spaces/{webs.space}/").replace("http", "ws", 1)
    async with session.ws_connect(url, origin=webs.url(number, "")) as socket:
        yield socket


# Any: aiohttp's socket, and what came over the wire.
async def answer_of(socket: Any, ref: str) -> dict[str, Any]:
    """Return the answer with this ref, or the first refusal without one."""
    async for message in socket:
        said: dict[str, Any] = json.loads(message.data)
        if said.get("ref") == ref or (said["type"] == "error" and "ref" not in said):
            return said
    return {"type": "closed"}


async def ask(socket: Any, kind: str, **fields: str) -> str:  # Any: aiohttp's socket.
    """Return the code of the refusal, "" if it was done."""
    await socket.send_json({"type": kind, "ref": "r", **fields})
    return str((await answer_of(socket, "r")).get("code", ""))


async def test_a_room_counts_requests_and_reactions_over_both_processes(webs: Webs) -> None:
    async with browser(webs, webs.cookie) as session:
        async with room(webs, session, 0) as one:
            assert await ask(one, "reaction.send", emoji="👏") == ""
            asked = [await ask(one, "speak.request") for _ in range(10)]
            assert "rate_limited" not in asked
        async with room(webs, session, 1) as other:
            assert await ask(other, "reaction.send", emoji="👏") == "rate_limited"
            assert await ask(other, "speak.request") == "rate_limited"


async def test_a_room_counts_joins_over_both_processes(webs: Webs) -> None:
    async with browser(webs, webs.cookie) as session:
        # The test before has joined twice in this minute, or in the one before.
        for number in range(70):
            async with room(webs, session, number) as socket:
                first = json.loads((await socket.receive()).data)
            if first.get("code") == "rate_limited":
                break
        assert first.get("code") == "rate_limited" and 58 <= number <= 60


async def heard(socket: Any, kind: str) -> dict[str, Any]:  # Any: aiohttp's socket, a message.
    """Return the next message of this kind; fail after ten seconds without it."""
    async with asyncio.timeout(10):
        async for message in socket:
            said: dict[str, Any] = json.loads(message.data)
            if said["type"] == kind:
                return said
    raise ConnectionError(f"closed with {socket.close_code}")


async def post(session: aiohttp.ClientSession, url: str, **body: str) -> None:
    async with session.post(url, data=body, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()


async def test_a_room_hears_of_a_name_and_a_log_out_at_the_other_process(webs: Webs) -> None:
    async with (
        browser(webs) as visitor,
        browser(webs, webs.host) as host,
        room(webs, visitor, 0) as screen,
        room(webs, host, 0) as own,
    ):
        await heard(screen, "space.snapshot")
        await post(host, webs.url(1, "/settings/profile/"), display_name="Budi Santoso")
        told = await heard(screen, "person.changed")
        assert told["person"]["name"] == "Budi Santoso"
        await post(host, webs.url(1, "/account/logout/"))
        assert (await heard(screen, "host.lost"))["until"]
        assert (await heard(own, "error"))["code"] == "log_in"
