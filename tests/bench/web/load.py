"""Clients that ask as browsers do: one keeps asking, page after page, each time as somebody else
who is logged in.
"""

import asyncio
import itertools
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import aiohttp

HTMX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Viewer:
    handle: str
    session: str
    conversation: int

    def cookies(self, token: str) -> dict[str, str]:
        return {"parley_session": self.session, "csrftoken": token}


@dataclass(frozen=True)
class Size:
    """Bytes of an answer, as they are and as they come to a browser."""

    raw: int
    sent: int


class Crowd:
    """Hands out viewers in turn, so that no account meets its own rate limits."""

    def __init__(self, site: str, viewers: list[Viewer], people: int) -> None:
        self.site = site
        self.people = people
        self._turns: Iterator[Viewer] = itertools.cycle(viewers)
        self.size = Size(0, 0)  # Of the last answer.
        self._chance = random.Random(7)
        # The cookie is compared with the header: any 32 letters do (django.middleware.csrf).
        self._token = "x" * 32

    async def home(self, http: aiohttp.ClientSession) -> None:
        await self._get(http, "/")

    async def profile(self, http: aiohttp.ClientSession) -> None:
        """Of people who write much as well as of people who do not."""
        await self._get(http, f"/@bench{int(self.people * self._chance.random() ** 2.5)}/")

    async def search(self, http: aiohttp.ClientSession) -> None:
        words = self._chance.sample(
            ["river", "pagi", "bridge", "kopi", "festival", "pelabuhan", "teacher", "lamp"], 2
        )
        await self._get(http, f"/search/?q={words[0]}+{words[1]}")

    async def spaces(self, http: aiohttp.ClientSession) -> None:
        await self._get(http, "/spaces/")

    async def api_home(self, http: aiohttp.ClientSession) -> None:
        await self._get(http, "/api/v1/timelines/home/")

    async def api_public(self, http: aiohttp.ClientSession) -> None:
        await self._get(http, "/api/v1/timelines/public/")

    async def empty_view(self, http: aiohttp.ClientSession) -> None:
        await self._get(http, "/bench/empty/")

    async def plain_posts(self, http: aiohttp.ClientSession) -> None:
        await self._get(http, "/bench/posts/")

    async def queries(self, http: aiohttp.ClientSession) -> int:
        """Return how many queries the web process has asked so far."""
        return int(json.loads(await self._get(http, "/bench/queries/"))["count"])

    async def thread(self, http: aiohttp.ClientSession) -> None:
        await self._get(
            http, f"/posts/{1_000_000 + self._chance.randrange(self.people)}/", {200, 404}
        )

    async def post(self, http: aiohttp.ClientSession) -> None:
        await self._send(
            http, "/posts/", {"text": f"Bench river {time.monotonic()}"}, next(self._turns)
        )

    async def message(self, http: aiohttp.ClientSession) -> None:
        viewer = next(self._turns)
        await self._send(
            http,
            f"/messages/{viewer.conversation}/",
            {"text": "Are you free at eight?"},
            viewer,
        )

    async def _get(
        self,
        http: aiohttp.ClientSession,
        path: str,
        allowed: set[int] | None = None,
        viewer: Viewer | None = None,
    ) -> str:
        viewer = viewer or next(self._turns)
        async with http.get(self.site + path, cookies=viewer.cookies(self._token)) as answer:
            text = await answer.text()
        self.size = _size(answer, text)
        _check(answer.status, allowed or {200}, path, text)
        return text

    async def _send(
        self,
        http: aiohttp.ClientSession,
        path: str,
        form: dict[str, str],
        viewer: Viewer,
        allowed: set[int] | None = None,
    ) -> None:
        headers = {**HTMX, "X-CSRFToken": self._token, "Referer": self.site}
        cookies = viewer.cookies(self._token)
        async with http.post(
            self.site + path, data=form, headers=headers, cookies=cookies, allow_redirects=False
        ) as answer:
            text = await answer.text()
        self.size = _size(answer, text)
        _check(answer.status, allowed or {200}, path, text)


def _size(answer: aiohttp.ClientResponse, text: str) -> Size:
    raw = len(text.encode())
    return Size(raw, int(answer.headers.get("Content-Length", raw)))


def _check(status: int, allowed: set[int], path: str, text: str) -> None:
    """A page that fails fast must not look like one that is fast."""
    if status not in allowed:
        raise AssertionError(f"{path} answered {status}: {text[:300]}")


def browser() -> aiohttp.ClientSession:
    """A client that takes what browsers take."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), headers={"Accept-Encoding": "gzip, deflate, br"}
    )


Page = Callable[[aiohttp.ClientSession], Awaitable[None]]


async def measure(page: Page, clients: int, requests: int) -> list[float]:
    """Return how long each of `requests` took, in ms, with so many clients asking without a pause."""
    left = iter(range(requests))
    took: list[float] = []

    async def client() -> None:
        async with browser() as http:
            for _ in left:
                begun = time.perf_counter()
                await page(http)
                took.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(client() for _ in range(clients)))
    return took
