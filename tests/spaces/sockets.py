"""A browser's socket in a test, through the real ASGI application."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.testing import WebsocketCommunicator

from accounts.models import User
from config.asgi import application
from spaces.models import Space
from tests.spaces.town import acookie_of

ORIGIN = "http://localhost:8000"
WAIT_S = 10.0
Json = dict[str, Any]  # Any: what came over the wire; the tests look at it.


class RoomSocket:
    """One open socket. `next` skips what a test did not ask for, `seen` keeps everything."""

    def __init__(self, wire: WebsocketCommunicator) -> None:
        self.wire = wire
        self.seen: list[Json] = []
        self.close_code: int | None = None
        self._backlog: list[Json] = []
        self._refs = 0

    async def receive(self) -> Json:
        output = await self.wire.receive_output(WAIT_S)
        if output["type"] == "websocket.close":
            self.close_code = output.get("code")
            # The web server tells the consumer so at once.
            await self.wire.disconnect(self.close_code)
            raise ConnectionError(f"closed with {self.close_code}")
        message: Json = json.loads(output["text"])
        self.seen.append(message)
        return message

    async def next(self, kind: str, **fields: object) -> Json:
        """Return the next message of this type with these fields.

        What came while waiting for an answer counts.
        """
        while True:
            message = self._backlog.pop(0) if self._backlog else await self.receive()
            if message["type"] == kind and all(
                message.get(name) == value for name, value in fields.items()
            ):
                return message

    async def next_any(self) -> Json:
        """Return the next message of any kind."""
        return self._backlog.pop(0) if self._backlog else await self.receive()

    def take_backlog(self) -> list[Json]:
        """Return what came while answers were waited for and was not asked for since."""
        backlog, self._backlog = self._backlog, []
        return backlog

    async def send(self, kind: str, **fields: object) -> None:
        await self.wire.send_to(text_data=json.dumps({"type": kind, **fields}))

    async def ask(self, kind: str, **fields: object) -> Json:
        """Send and return the answer with the same ref, whatever it is."""
        self._refs += 1
        ref = f"r{self._refs}"
        await self.send(kind, ref=ref, **fields)
        while True:
            message = await self.receive()
            if message.get("ref") == ref:
                return message
            self._backlog.append(message)

    async def do(self, kind: str, **fields: object) -> Json:
        """Ask, and be sure that it was not refused."""
        answer = await self.ask(kind, **fields)
        assert answer["type"] != "error", answer
        return answer

    async def refused(self, kind: str, **fields: object) -> str:
        """Ask, and return the code of the refusal."""
        answer = await self.ask(kind, **fields)
        assert answer["type"] == "error", answer
        assert answer["message"]
        return str(answer["code"])

    async def closed(self) -> int | None:
        """Read until the server closes; return the code."""
        while self.close_code is None:
            try:
                await self.receive()
            except ConnectionError:
                break
        return self.close_code

    async def snapshot(self) -> Json:
        return await self.ask("snapshot.get")


def wire(
    space: Space | str,
    cookie: str = "",
    page: str = "",
    headers: list[tuple[bytes, bytes]] | None = None,
) -> Any:
    public_id = space if isinstance(space, str) else space.public_id
    if headers is None:
        headers = [(b"origin", ORIGIN.encode()), (b"cookie", f"parley_session={cookie}".encode())]
    return WebsocketCommunicator(application, f"/ws/spaces/{public_id}/?page={page}", headers)


@asynccontextmanager
async def in_room(
    space: Space, user: User | None = None, page: str = ""
) -> AsyncIterator[RoomSocket]:
    """Yield a socket that has been let in; its snapshot is the last of `seen`."""
    cookie = await acookie_of(user) if user else ""
    communicator = wire(space, cookie, page)
    connected, _ = await communicator.connect(WAIT_S)
    assert connected
    socket = RoomSocket(communicator)
    try:
        await socket.next("space.snapshot")
        yield socket
    finally:
        if socket.close_code is None:
            await communicator.disconnect()


# Any: a communicator of channels.
async def turned_away(communicator: Any) -> tuple[str, int | None]:
    """Return the code of the one error and of the close."""
    connected, _ = await communicator.connect(10)
    assert connected
    socket = RoomSocket(communicator)
    error = await socket.next("error")
    code = await socket.closed()
    return error["code"], code
