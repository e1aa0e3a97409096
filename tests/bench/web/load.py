"""Clients that ask as browsers do: one keeps asking, page after page, each time as somebody else
who is logged in.
"""

import asyncio
import itertools
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import aiohttp

HTMX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Viewer:
    handle: str
    session: str

    def cookies(self, token: str) -> dict[str, str]:
        return {"parley_session": self.session, "csrftoken": token}


class Crowd:
    """Hands out viewers in turn, so that no account meets its own rate limits."""

    def __init__(self, site: str, viewers: list[Viewer], people: int) -> None:
        self.site = site
        self.people = people
        self._turns: Iterator[Viewer] = itertools.cycle(viewers)
        self._viewers = viewers
        self._chance = random.Random(7)
        self._conversations: dict[str, str] = {}
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
            http, self._conversations[viewer.handle], {"text": "Are you free at eight?"}, viewer
        )

    async def prepare(self, http: aiohttp.ClientSession) -> None:
        """Begin a conversation of each viewer with the next one."""
        pairs = zip(self._viewers, [*self._viewers[1:], self._viewers[0]], strict=True)
        for viewer, other in pairs:
            await self._send(
                http, f"/messages/to/{other.handle}/", {"text": "Hello"}, viewer, {200, 302}
            )
            html = await self._get(http, "/messages/", viewer=viewer)
            found = re.search(r'href="(/messages/\d+/)"', html)
            if found is None:
                raise AssertionError(f"{viewer.handle} has no conversation.")
            self._conversations[viewer.handle] = found[1]

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
            _check(answer.status, allowed or {200}, path, await answer.text())


def _check(status: int, allowed: set[int], path: str, text: str) -> None:
    """A page that fails fast must not look like one that is fast."""
    if status not in allowed:
        raise AssertionError(f"{path} answered {status}: {text[:300]}")


Page = Callable[[aiohttp.ClientSession], Awaitable[None]]


async def measure(page: Page, clients: int, requests: int) -> list[float]:
    """Return how long each of `requests` took, in ms, with so many clients asking without a pause."""
    left = iter(range(requests))
    took: list[float] = []

    async def client() -> None:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            for _ in left:
                begun = time.perf_counter()
                await page(http)
                took.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(client() for _ in range(clients)))
    return took
