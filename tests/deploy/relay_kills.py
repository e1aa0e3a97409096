"""What people hear when systemd's relay is killed: `python -m tests.deploy.relay_kills LEADER HOST`.

For `deploy/try-fresh-root`, in the network of its machine; LEADER is that machine's first process
as seen from here. A host talks and light listeners hear through nginx and whichever relay has the
room; that one gets SIGKILL, ten times. Returns 1 if sound is later again than DESIGN allows.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import secrets
import subprocess
import sys
import time
from functools import partial
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.bench.meter import percentile
from tests.bench.peer import Identity, Peer
from tests.bench.sdp import read_offer
from tests.bench.synthetic import Stream
from tests.stack.waiting import until

ADDRESS = "127.0.0.1"  # nginx listens at all of them.
LISTENERS = 3  # Light ones cost something too, on a machine that starts relays.
KILLS = 10
GOAL_S = 5.0  # p95, from the kill to sound.
SETTLE_S = 4.0
BACK_S = 40.0
PACKET_S = 0.02
CHECK_S = 0.5
DEAF_CHECKS = 4
PING_S = 5.0
Message = dict[str, Any]  # Any: JSON of spaces/PROTOCOL.md.
HOST = """
import json
from knox.models import AuthToken
from allauth.account.models import EmailAddress
from accounts.models import User
from spaces.models import Space
from spaces.services import scheduling
user, is_new = User.objects.get_or_create(handle="kills", defaults={"email": "kills@example.org"})
EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
Space.objects.filter(host=user).delete()  # Of a try that was cut off.
space = scheduling.open_now(user, scheduling.SpaceDraft("Relays come and go"))
print(json.dumps([AuthToken.objects.create(user)[1], space.public_id]))
"""


class Here(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        found: ResolveResult = {
            "hostname": host,
            "host": ADDRESS,
            "port": port,
            "family": 2,
            "proto": 0,
            "flags": 0,
        }
        return [found]

    async def close(self) -> None:
        pass


class Page:
    """One open room that comes back by itself, as PROTOCOL.md asks; a host talks as well."""

    def __init__(self, site: str, space: str, identity: Identity, token: str = "") -> None:
        self.address = f"wss://{site}/ws/spaces/{space}/"
        self.headers = {"Authorization": f"Token {token}"} if token else {}
        self.origin = f"https://{site}"
        self.is_host = bool(token)
        self.identity = identity
        self.peer: Peer | None = None
        self.peer_id = ""
        self.arrivals: list[float] = []
        self.told: list[float] = []  # When it was said that the connection is over.
        self.unanswered = 0
        self._stream: Stream | None = None
        self._connecting: asyncio.Task[None] | None = None
        works = [self._live(), self._check(), *([self._talk()] if self.is_host else [])]
        self._tasks = [asyncio.create_task(work) for work in works]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._drop()

    @property
    def hears(self) -> bool:
        return bool(self.arrivals) and time.monotonic() - self.arrivals[-1] < 0.5

    def silence_after(self, moment: float) -> float:
        times = [moment, *(at for at in self.arrivals if at >= moment), time.monotonic()]
        return max(later - earlier for earlier, later in itertools.pairwise(times))

    def told_after(self, moment: float) -> float:
        """Return how many seconds after `moment` it was told; infinity if it was not."""
        return next((at - moment for at in self.told if at >= moment), float("inf"))

    async def _live(self) -> None:
        connector = aiohttp.TCPConnector(ssl=False, resolver=Here())
        async with aiohttp.ClientSession(connector=connector, headers=self.headers) as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                    async with session.ws_connect(self.address, origin=self.origin) as socket:
                        pinging = asyncio.create_task(self._ask(socket))
                        try:
                            async for frame in socket:
                                await self._take(socket, frame.json())
                        finally:
                            pinging.cancel()
                await asyncio.sleep(0.5 * random.uniform(0.8, 1.2))

    async def _ask(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Ping, and ask for a connection whenever there is none that answers."""
        pinged = asked = 0.0
        while True:
            now = time.monotonic()
            if now - pinged > PING_S:
                pinged = now
                await socket.send_json({"type": "ping"})
            if self.unanswered > DEAF_CHECKS:
                await self._drop()
            if self.peer is None and now - asked > 1:
                asked = now
                await socket.send_json({"type": "media.connect"})
            await asyncio.sleep(CHECK_S)

    async def _take(self, socket: aiohttp.ClientWebSocketResponse, message: Message) -> None:
        kind = message["type"]
        if kind == "media.offer":
            await self._answer(socket, message)
        elif kind == "media.closed" and message.get("peer") == self.peer_id:
            self.told.append(time.monotonic())
            await self._drop()
            await socket.send_json({"type": "media.connect"})
        elif kind == "media.connected" and self.is_host:
            for wish in ({"type": "space.start"}, {"type": "mic.set", "on": True}):
                await socket.send_json(wish)

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, said: Message) -> None:
        await self._drop()
        offer = read_offer(said["sdp"])
        section = offer.section(said["slots"]["microphone"])
        ssrc = secrets.randbits(32) | 1
        peer = Peer(self.identity, offer, {section.mid: ssrc} if self.is_host else None)
        peer.on_rtp = lambda packet: self.arrivals.append(time.monotonic())
        peer.on_check = self._checked
        self.peer, self.peer_id = peer, said["peer"]
        self._stream = Stream(section, ssrc)
        await socket.send_json({"type": "media.answer", "peer": said["peer"], "sdp": peer.answer})
        self._connecting = asyncio.create_task(self._connect(peer))

    async def _connect(self, peer: Peer) -> None:
        with contextlib.suppress(TimeoutError):
            await peer.connect(5)

    def _checked(self) -> None:
        self.unanswered = 0

    async def _check(self) -> None:
        while True:
            if self.peer is not None and self.peer.secure:
                self.unanswered += 1
                self.peer.check()
            await asyncio.sleep(CHECK_S)

    async def _talk(self) -> None:
        due = time.monotonic()
        while True:
            if self.peer is not None and self.peer.secure and self._stream is not None:
                self.peer.send_rtp(self._stream.speech())
            due = max(due + PACKET_S, time.monotonic() - 1)
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _drop(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        if self.peer is not None:
            await self.peer.close()
        self.peer = self._connecting = None
        self.unanswered = 0


def inside(leader: int, *command: str) -> str:
    """Run a command in the machine and return what it prints."""
    argv = ["nsenter", "-t", str(leader), "-m", "-u", "-i", "-n", "-p", "-C", "--", *command]
    environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    found = subprocess.run(argv, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    return found.stdout


async def all_hear(pages: list[Page]) -> None:
    await until(lambda: all(page.hears for page in pages), "all hear", BACK_S)


async def drill(leader: int, site: str) -> int:
    told = inside(leader, "/usr/local/bin/parley-manage", "shell", "-v", "0", "-c", HOST)
    token, space = json.loads(told.splitlines()[-1])
    identity = Identity()
    host = Page(site, space, identity, token)
    listeners = [Page(site, space, identity) for _ in range(LISTENERS)]
    silences, news = [], []
    try:
        await all_hear(listeners)
        for number in range(1, KILLS + 1):
            await asyncio.sleep(SETTLE_S)
            await all_hear(listeners)
            assert host.peer is not None
            unit = f"parley-relay@{host.peer.address[1]}.service"
            killed = time.monotonic()
            await asyncio.to_thread(
                inside, leader, "systemctl", "kill", "--signal=KILL", "--kill-who=all", unit
            )
            await asyncio.sleep(1)  # What is on its way is not what is heard again.
            await all_hear(listeners)
            these = [page.silence_after(killed) for page in listeners]
            heard = [page.told_after(killed) for page in listeners]
            say(
                f"kill {number} of {unit}: told after {max(heard):.2f} s, "
                f"silence {min(these):.2f}-{max(these):.2f} s"
            )
            silences += these
            news += heard
            # Both relays are there before the next one goes.
            await until(partial(is_active, leader, unit), f"{unit} is back", BACK_S)
    finally:
        for page in (host, *listeners):
            await page.close()
    p95 = percentile(silences, 0.95)
    say(
        f"{KILLS} kills, {LISTENERS} listeners: told p95 {percentile(news, 0.95):.2f} s; silence "
        f"p50 {percentile(silences, 0.5):.2f}, p95 {p95:.2f}, longest {max(silences):.2f} s"
    )
    return 0 if p95 <= GOAL_S else 1


def is_active(leader: int, unit: str) -> bool:
    return inside(leader, "systemctl", "show", "-P", "ActiveState", unit).strip() == "active"


def say(text: str) -> None:
    sys.stdout.write(f"relays: {time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.relay_kills")
    parser.add_argument("leader", type=int)
    parser.add_argument("site")
    chosen = parser.parse_args()
    return asyncio.run(drill(chosen.leader, chosen.site))


if __name__ == "__main__":
    sys.exit(main())
