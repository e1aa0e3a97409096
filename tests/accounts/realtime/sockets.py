"""A tab's person socket in a test, through the real ASGI application."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from accounts.models import User
from config.asgi import application
from tests.accounts.people import browser_of, person

ORIGIN = "http://localhost:8000"
WAIT_S = 10.0
Json = dict[str, Any]  # Any: what came over the wire; the tests look at it.


class Tab:
    """One open socket."""

    def __init__(self, wire: WebsocketCommunicator, session: str = "") -> None:
        self.wire = wire
        self.session = session
        self.close_code: int | None = None

    async def receive(self) -> Json:
        output = await self.wire.receive_output(WAIT_S)
        if output["type"] == "websocket.close":
            self.close_code = output.get("code")
            raise ConnectionError(f"closed with {self.close_code}")
        message: Json = json.loads(output["text"])
        return message

    async def next(self, kind: str) -> Json:
        while True:
            message = await self.receive()
            if message["type"] == kind:
                return message

    async def closed(self) -> int | None:
        while self.close_code is None:
            try:
                await self.receive()
            except ConnectionError:
                break
        return self.close_code

    async def say(self, text: str) -> None:
        await self.wire.send_to(text_data=text)


def wire(headers: list[tuple[bytes, bytes]]) -> Any:  # Any: a communicator of channels.
    return WebsocketCommunicator(application, "/ws/me/", headers)


def browser_headers(session: str) -> list[tuple[bytes, bytes]]:
    return [(b"origin", ORIGIN.encode()), (b"cookie", f"parley_session={session}".encode())]


@sync_to_async
def session_of(user: User) -> str:
    return str(browser_of(user).cookies["parley_session"].value)


@asynccontextmanager
async def tab_of(user: User) -> AsyncIterator[Tab]:
    """Yield a socket that has said its first numbers: it is in the group, and nothing said later
    passes it by.
    """
    session = await session_of(user)
    communicator = wire(browser_headers(session))
    connected, _ = await communicator.connect(WAIT_S)
    assert connected
    tab = Tab(communicator, session)
    try:
        await tab.next("alerts")
        yield tab
    finally:
        await communicator.disconnect()


aperson = sync_to_async(person)
