"""Visitors of a site whose webs are restarted in turn: what they notice is a failure."""

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp

TOKEN = "a" * 32  # Any will do: what counts is that cookie and header agree.
BETWEEN_S = 0.25
ANSWER_S = 20.0
RESTART = 1012


@dataclass
class Visitors:
    """Read and write all the time, each request on a connection of its own."""

    url: str
    cookies: list[str]
    reads: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    typed: list[str] = field(default_factory=list)  # Each text that the site says it has kept.
    slowest_s: float = 0.0

    async def read(self, path: str) -> None:
        async with self._session(self.cookies[0]) as session:
            while True:
                await self._count(self.reads, session.get(self.url + path))

    async def write(self) -> None:
        """Post, each time as somebody else: nobody may do so twenty times a minute."""
        for number in range(1_000_000):
            cookie = self.cookies[number % len(self.cookies)]
            async with self._session(cookie) as session:
                form = {"text": f"Number {number}"}
                answer = await self._count(
                    self.writes,
                    session.post(f"{self.url}/posts/", data=form, allow_redirects=False),
                )
                if answer == "302":
                    self.typed.append(form["text"])

    def _session(self, cookie: str) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            cookies={"csrftoken": TOKEN, "parley_session": cookie},
            headers={"X-CSRFToken": TOKEN, "Origin": self.url},
            connector=aiohttp.TCPConnector(force_close=True),
            timeout=aiohttp.ClientTimeout(total=ANSWER_S),
        )

    # Any: aiohttp's request that is on its way.
    async def _count(self, counts: "Counter[str]", request: Any) -> str:
        """Return the status, or the name of the error."""
        begun = time.monotonic()
        try:
            async with request as answer:
                await answer.read()
                found = str(answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            found = type(error).__name__
        counts[found] += 1
        self.slowest_s = max(self.slowest_s, time.monotonic() - begun)
        await asyncio.sleep(BETWEEN_S)
        return found


@dataclass
class Host:
    """A host's page without a browser: pings, and comes back as spaces/PROTOCOL.md asks."""

    url: str
    space: str
    cookie: str
    closes: list[int] = field(default_factory=list)
    away_s: list[float] = field(default_factory=list)
    snapshots: list[dict[str, Any]] = field(default_factory=list)  # Any: messages of the room.
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def seat(self) -> dict[str, Any]:
        """Return the host's seat as the newest snapshot shows it; empty while there is none."""
        if not self.snapshots:
            return {}
        seats = [seat for seat in self.snapshots[-1]["stage"] if seat["role"] == "host"]
        return seats[0] if seats else {}

    async def stay(self) -> None:
        lost_at = 0.0
        address = f"{self.url.replace('http', 'ws', 1)}/ws/spaces/{self.space}/?page=one"
        cookies = {"parley_session": self.cookie}
        async with aiohttp.ClientSession(cookies=cookies) as session:
            while True:
                try:
                    async with session.ws_connect(address, origin=self.url) as socket:
                        await self._hear(socket, lost_at)
                        self.closes.append(socket.close_code or 0)
                    lost_at = time.monotonic()
                except aiohttp.ClientError:  # A page tries again, too.
                    lost_at = lost_at or time.monotonic()
                await asyncio.sleep(0.5 + random.random() / 8)

    # Any: aiohttp's socket.
    async def _hear(self, socket: Any, lost_at: float) -> None:
        pings = asyncio.create_task(self._ping(socket), name="pings")
        try:
            async for message in socket:
                said = json.loads(message.data)
                self.seen.append(said)
                if said["type"] != "space.snapshot":
                    continue
                self.snapshots.append(said)
                if lost_at:
                    self.away_s.append(time.monotonic() - lost_at)
                    lost_at = 0.0
                if not self.seat.get("mic"):
                    await socket.send_json({"type": "mic.set", "on": True, "ref": "mic"})
        finally:
            pings.cancel()

    async def _ping(self, socket: Any) -> None:  # Any: aiohttp's socket.
        seen = 0
        while True:
            await socket.send_json({"type": "ping", **({"seen": seen} if seen else {})})
            await asyncio.sleep(2)
            seen = max((said["n"] for said in self.seen[-20:] if said["type"] == "pong"), default=0)
