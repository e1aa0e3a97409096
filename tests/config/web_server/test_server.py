"""A web process on SIGTERM: what was asked is answered, pages are sent on, and it ends with 0."""

import asyncio
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from config.web_server.server import DRAIN_S, QUIET_S
from tests.config.test_two_webs import SEED, TOKEN
from tests.stack.waiting import until
from tests.stack.webs import Webs, running_webs

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("draining")


@pytest.fixture(scope="module")
def made(folder: Path) -> Iterator[tuple[Webs, dict[str, str]]]:
    with running_webs(folder, count=1) as webs:
        yield webs, webs.shell(SEED)


@pytest.fixture
def webs(made: tuple[Webs, dict[str, str]]) -> Iterator[Webs]:
    """One that serves; the test ends it, and the next one gets another."""
    webs, _ = made
    if 0 not in webs.running:
        webs.start(0)
        webs.wait_ready(0)
    yield webs


def session_of(made: tuple[Webs, dict[str, str]]) -> aiohttp.ClientSession:
    cookies = {"csrftoken": TOKEN, "parley_session": made[1]["maya"]}
    return aiohttp.ClientSession(cookies=cookies, headers={"X-CSRFToken": TOKEN})


async def code_of(process: "subprocess.Popen[bytes]", within_s: float) -> int:
    begun = time.monotonic()
    code = await asyncio.to_thread(process.wait, within_s)
    assert time.monotonic() - begun < within_s
    return code


def refuses(webs: Webs) -> bool:
    """True once no connection is taken any more."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", webs.ports[0])) != 0


def locked(folder: Path) -> sqlite3.Connection:
    """Hold the one writer's place of the database: a request that writes waits in its thread."""
    (path,) = folder.glob("*.sqlite3")
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    return database


async def test_it_answers_what_waits_in_a_thread_and_takes_nothing_new(
    webs: Webs, made: Any, folder: Path
) -> None:
    async with session_of(made) as session:
        database = locked(folder)
        post = asyncio.ensure_future(
            session.post(webs.url(0, "/posts/"), data={"text": "Kept"}, allow_redirects=False)
        )
        # GETs write nothing: they are answered meanwhile, so the post has reached its thread.
        for _ in range(5):
            async with session.get(webs.url(0, "/healthz")) as answer:
                assert answer.status == 200
        process = webs.terminate(0)
        await until(lambda: refuses(webs), "nothing new is taken")
        assert process.poll() is None and not post.done()
        database.rollback()
        assert (await post).status in (200, 201, 302)
        assert await code_of(process, DRAIN_S + 3) == 0


async def test_it_answers_what_is_still_being_sent(webs: Webs) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", webs.ports[0])
    writer.write(b"POST /api/v1/auth/token/ HTTP/1.1\r\nHost: localhost\r\n")
    writer.write(b"Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{")
    await writer.drain()
    async with aiohttp.ClientSession() as session, session.get(webs.url(0, "/healthz")):
        pass
    process = webs.terminate(0)
    await until(lambda: refuses(webs), "nothing new is taken")
    writer.write(b'"handle": "nobody" }'[:19])
    status = await asyncio.wait_for(reader.readline(), DRAIN_S)
    assert status.startswith(b"HTTP/1.1 4"), status
    assert await code_of(process, DRAIN_S + 3) == 0
    writer.close()


async def test_it_takes_what_waits_at_the_door(webs: Webs) -> None:
    """Connections that the kernel has taken and the process has not are answered, not reset."""

    def connected() -> socket.socket:
        one = socket.create_connection(("127.0.0.1", webs.ports[0]))
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return one

    doors = [connected() for _ in range(100)]
    process = webs.terminate(0)

    def answer_of(one: socket.socket) -> bytes:
        with one:
            one.settimeout(DRAIN_S)
            return one.recv(4096)

    answers = await asyncio.gather(*(asyncio.to_thread(answer_of, one) for one in doors))
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    assert await code_of(process, DRAIN_S + 3) == 0


async def test_it_sends_pages_on(webs: Webs, made: Any) -> None:
    async with session_of(made) as session:
        url = webs.url(0, f"/ws/spaces/{made[1]['space']}/").replace("http", "ws", 1)
        sockets = [await session.ws_connect(url, origin=webs.url(0, ""))]
        me = webs.url(0, "/ws/me/").replace("http", "ws", 1)
        sockets.append(await session.ws_connect(me, origin=webs.url(0, "")))
        for one in sockets:
            await one.receive()
        process = webs.terminate(0)
        for one in sockets:
            async for _ in one:
                await one.send_json({"type": "ping"})  # Pages go on asking to the last.
            assert one.close_code == 1012
        assert await code_of(process, DRAIN_S + 3) == 0


async def test_it_ends_though_a_request_hangs(webs: Webs, made: Any, folder: Path) -> None:
    async with session_of(made) as session:
        database = locked(folder)
        post = asyncio.ensure_future(session.post(webs.url(0, "/posts/"), data={"text": "Cut"}))
        for _ in range(5):
            async with session.get(webs.url(0, "/healthz")) as answer:
                assert answer.status == 200
        begun = time.monotonic()
        assert await code_of(webs.terminate(0), DRAIN_S + 3) == 0
        assert time.monotonic() - begun > DRAIN_S - QUIET_S
        database.rollback()
        with pytest.raises(aiohttp.ClientError):
            await post


async def test_it_tells_systemd_when_it_serves(webs: Webs, tmp_path: Path) -> None:
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    told.setblocking(False)
    if 0 in webs.running:
        await code_of(webs.terminate(0), DRAIN_S + 3)
    noticed = Webs(webs.ports, {**webs.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")})
    noticed.start(0)
    try:
        loop = asyncio.get_running_loop()
        first = await asyncio.wait_for(loop.sock_recv(told, 64), 90)
        assert first == b"READY=1"
        # Ready is ready: the very next connection is answered.
        url = noticed.url(0, "/healthz")
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.status == 200
    finally:
        process = noticed.terminate(0)
    assert await asyncio.wait_for(loop.sock_recv(told, 64), 5) == b"STOPPING=1"
    assert await code_of(process, DRAIN_S + 3) == 0
    told.close()
