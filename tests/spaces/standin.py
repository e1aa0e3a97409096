"""A stand-in relay: reads its real stream, answers over the real channel layer, forwards no media."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from channels.layers import get_channel_layer

from config import redis
from media_relay.protocol import relay as protocol
from media_relay.protocol.encoding import encode
from tests.stack.waiting import until

ASSIGNED = {"audio": [None, None, None], "video": None, "screen": None, "active": None}
SLOTS = {
    "audio": ["0", "1", "2"],
    "video": "3",
    "screen": "4",
    "microphone": "5",
    "camera": "6",
    "display": "7",
}


class StandIn:
    """What it was told is in `requests`; what it answers can be changed by `refuses` and `is_deaf`."""

    def __init__(
        self, name: str, *, full: bool = False, draining: bool = False, cpu: float = 0.1
    ) -> None:
        self.node = protocol.Node(name, "127.0.0.1", 1, 0, cpu, draining, full)
        self.requests: list[protocol.Request] = []
        self.refuses: str | None = None
        self.is_deaf = False

    @property
    def policies(self) -> list[protocol.Policy]:
        return [
            request.policy for request in self.requests if isinstance(request, protocol.SetPolicy)
        ]

    @property
    def opened(self) -> list[protocol.OpenPeer]:
        return [request for request in self.requests if isinstance(request, protocol.OpenPeer)]

    @property
    def closed(self) -> list[protocol.ClosePeer]:
        return [request for request in self.requests if isinstance(request, protocol.ClosePeer)]

    async def policy_with(self, user: int, sources: protocol.Sources) -> protocol.Policy:
        """Wait for the policy in which `user` may send exactly this."""
        await until(
            lambda: any(
                policy.publishers.get(str(user)) == sources for policy in self.policies[-1:]
            ),
            f"a policy with {user} as {sources}",
        )
        return self.policies[-1]

    async def tell(self, notice: dict[str, object]) -> None:
        """Say something to the socket of the last connection."""
        await get_channel_layer().send(self.opened[-1].reply_to, notice)

    async def announce(self) -> None:
        link = redis.in_loop()
        await link.set(protocol.node_key(self.node.relay), encode(self.node))
        await link.zadd(protocol.NODES_KEY, {self.node.relay: time.time() + 600})

    async def run(self) -> None:
        link = redis.in_loop()
        last = "0"
        while True:
            # Any: redis-py types the answer of xread as lists of lists of anything.
            found: Any = await link.xread({protocol.requests_key(self.node.relay): last}, block=200)
            for _, entries in found or []:
                for entry, fields in entries:
                    last = entry
                    await self.handle(protocol.parse_request(fields[b"json"]))

    async def handle(self, request: protocol.Request) -> None:
        self.requests.append(request)
        if self.is_deaf:
            return
        send = get_channel_layer().send
        match request:
            case protocol.OpenPeer() if self.refuses:
                refusal = {"code": self.refuses, "text": "no"}
                await send(
                    request.reply_to,
                    {
                        "type": "relay.error",
                        "request": request.request,
                        "peer": request.peer,
                        **refusal,
                    },
                )
            case protocol.OpenPeer():
                offer = {
                    "relay": self.node.relay,
                    "sdp": "v=0 offer",
                    "slots": SLOTS,
                    "assigned": ASSIGNED,
                }
                await send(
                    request.reply_to,
                    {
                        "type": "relay.offer",
                        "request": request.request,
                        "peer": request.peer,
                        **offer,
                    },
                )
            case protocol.AnswerPeer():
                await self.tell(
                    {"type": "relay.accepted", "request": request.request, "peer": request.peer}
                )
                await self.tell({"type": "relay.connected", "peer": request.peer})


@asynccontextmanager
async def standing_in(name: str = "r1", **fields: object) -> AsyncIterator[StandIn]:
    relay = StandIn(name, **fields)  # type: ignore[arg-type]  # Tests name what they change.
    await relay.announce()
    task = asyncio.create_task(relay.run(), name=f"stand-in {name}")
    try:
        yield relay
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
