"""A light listener comes back whatever happens to its connections: what it does not hear must be
the site's fault.
"""

import socket
from collections.abc import Iterator
from functools import partial

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.bench.peer import Identity
from tests.chaos.listener import Listener
from tests.stack.waiting import until


@pytest.fixture
def silent_relay() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        yield opened


async def test_it_asks_again_when_a_connection_is_given_up_while_it_is_made(
    silent_relay: socket.socket,
) -> None:
    asked: list[str] = []
    port = silent_relay.getsockname()[1]
    candidate = f"a=candidate:1 1 udp 1 127.0.0.1 {port} typ host"
    sdp = f"v=0\r\na=ice-ufrag:x\r\na=ice-pwd:y\r\n{candidate}\r\n"

    async def room(request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        async for frame in line:
            if frame.json()["type"] == "media.connect":
                asked.append("again")
                offer = {"type": "media.offer", "peer": str(len(asked)), "sdp": sdp}
                await line.send_json(offer)
        return line

    def has_asked(times: int) -> bool:
        return len(asked) == times

    app = web.Application()
    app.router.add_get("/ws/spaces/one/", room)
    async with TestServer(app) as server:
        listener = Listener(str(server.make_url("")).rstrip("/"), "one", Identity())
        try:
            for times in (1, 2, 3):
                await until(partial(has_asked, times), "it asks")
                await until(lambda: listener.peer, "it has an offer")
                await listener._drop()  # As its watch does when checks go unanswered.
            assert not listener.hears, "It would raise what ended it."
        finally:
            await listener.close()
