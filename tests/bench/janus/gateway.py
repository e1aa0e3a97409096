"""The API of Janus, as a page speaks it over a WebSocket."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.bench.janus.process import JanusProcess
from tests.stack.waiting import until

ANSWER_S = 20.0
Message = dict[str, Any]  # Any: JSON of the Janus API.


class Gateway:
    """The Janus API over one WebSocket: a session, and a handle for each peer."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, plugin: str) -> None:
        self._socket = socket
        self._plugin = f"janus.plugin.{plugin}"
        self._session = 0
        self._numbers = itertools.count(1)
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._reader = asyncio.create_task(self._read(), name="janus")

    async def begin(self) -> None:
        self._session = (await self._ask({"janus": "create"}))["data"]["id"]

    async def close(self) -> None:
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader

    async def attach(self) -> int:
        """Return a new handle for the plugin."""
        return int((await self._ask({"janus": "attach", "plugin": self._plugin}))["data"]["id"])

    async def say(self, handle: int, body: Message, jsep: Message | None = None) -> Message:
        """Send a message to the plugin and return what it answers, which for most comes as an event
        later.
        """
        message = {"janus": "message", "handle_id": handle, "body": body}
        return await self._ask(message if jsep is None else {**message, "jsep": jsep})

    async def _ask(self, message: Message) -> Message:
        transaction = str(next(self._numbers))
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[transaction] = answer
        known = {"session_id": self._session} if self._session else {}
        await self._socket.send_json({**message, **known, "transaction": transaction})
        reply = await asyncio.wait_for(answer, ANSWER_S)
        assert reply["janus"] != "error" and "error" not in reply.get("plugindata", {}).get(
            "data", {}
        ), reply
        return reply

    async def _read(self) -> None:
        async for frame in self._socket:
            message = frame.json()
            answer = self._answers.get(message.get("transaction", ""))
            if answer is not None and not answer.done() and message["janus"] != "ack":
                answer.set_result(message)


@asynccontextmanager
async def speaking_to(janus: JanusProcess, plugin: str) -> AsyncIterator[Gateway]:
    """Yield the API of a Janus that has come up."""
    async with aiohttp.ClientSession() as session:
        await until(lambda: janus.listens, "Janus's WebSocket", 15)
        async with session.ws_connect(
            f"http://127.0.0.1:{janus.port}", protocols=("janus-protocol",)
        ) as opened:
            gateway = Gateway(opened, plugin)
            await gateway.begin()
            yield gateway
            await gateway.close()
