"""A stand-in relay: reads its real stream, answers over the real channel layer.

It forwards no media.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from channels.layers import get_channel_layer

from config import redis_clients
from media_relay.errors import Code
from media_relay.protocol import relay as protocol
from media_relay.protocol.encoding import encode
from tests.stack.waiting import until

SLOTS = protocol.SlotMids(("0", "1", "2"), "3", "4", "5", "6", "7")


class StandIn:
    """What it was told is in `requests`; `refuses` and `is_deaf` change what it answers."""

    def __init__(
        self, name: str, *, full: bool = False, draining: bool = False, cpu: float = 0.1
    ) -> None:
        self.node = protocol.Node(name, "127.0.0.1", 1, 0, cpu, draining, full)
        self.requests: list[protocol.Request] = []
        self.refuses: Code | None = None
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

    async def tell(self, message: protocol.RelayMessage) -> None:
        """Say something to the socket of the last connection."""
        await self._send(self.opened[-1].reply_to, message)

    async def announce(self) -> None:
        link = redis_clients.in_loop()
        await link.set(protocol.node_key(self.node.relay), encode(self.node))
        await link.zadd(protocol.NODES_KEY, {self.node.relay: time.time() + 600})

    async def run(self) -> None:
        link = redis_clients.in_loop()
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
        match request:
            case protocol.OpenPeer(request=asked, reply_to=reply_to, peer=peer):
                if self.refuses:
                    await self._send(reply_to, protocol.Refusal(asked, peer, self.refuses, "no"))
                    return
                offer = protocol.Offer(
                    request=asked,
                    peer=peer,
                    relay=self.node.relay,
                    sdp="v=0 offer",
                    slots=SLOTS,
                    assigned=protocol.Assignment(),
                )
                await self._send(reply_to, offer)
            case protocol.AnswerPeer():
                await self.tell(protocol.Accepted(request.request, request.peer))
                await self.tell(protocol.Connected(request.peer))

    async def _send(self, channel: str, message: protocol.RelayMessage) -> None:
        await get_channel_layer().send(channel, protocol.encode_message(message))


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
