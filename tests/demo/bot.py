"""A host without a browser: opens a Space by the API, talks and shows by aiortc, and lets everybody
speak who asks.
"""

import asyncio
import contextlib
from typing import Any

import aiohttp
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.demo.face import Face
from tests.demo.voice import Voice

PING_S = 5
RETRY_S = 1
Message = dict[str, Any]  # Any: JSON of spaces/PROTOCOL.md and of the API.


class Bot:
    """One account on one site. `run` lasts until it is cancelled, then the Space is ended."""

    def __init__(self, site: str, handle: str, password: str) -> None:
        self.site = site
        self.space: Message = {}
        self._handle = handle
        self._password = password
        self._voice = Voice()
        self._connection: RTCPeerConnection | None = None
        self._peer = ""

    async def run(self, title: str, on_live: asyncio.Event) -> None:
        """Hold the Space `title`. Raises aiohttp.ClientResponseError if the site refuses."""
        async with aiohttp.ClientSession(raise_for_status=True) as visitor:
            answer = await visitor.post(self._api("auth/token/"), json=self._credentials)
            token = (await answer.json())["token"]
        async with aiohttp.ClientSession(
            headers={"Authorization": f"Token {token}"}, raise_for_status=True
        ) as session:
            await self._end_earlier(session)
            wish = {
                "title": title,
                "video_enabled": True,
                "topics": ["Technology"],
                "speak_rule": "invited",
            }
            self.space = await (await session.post(self._api("spaces/"), json=wish)).json()
            try:
                await self._host(session, on_live)
            finally:
                await session.post(self._api(f"spaces/{self.space['id']}/end/"))
                await self._hang_up()

    @property
    def _credentials(self) -> dict[str, str]:
        return {"handle": self._handle, "password": self._password}

    def _api(self, path: str) -> str:
        return f"{self.site}/api/v1/{path}"

    async def _end_earlier(self, session: aiohttp.ClientSession) -> None:
        """End what a bot left live that was killed: a host has one live Space."""
        answer = await session.get(
            self._api("spaces/"), params={"state": "live", "host": self._handle}
        )
        for space in (await answer.json())["results"]:
            await session.post(self._api(f"spaces/{space['id']}/end/"))

    async def _host(self, session: aiohttp.ClientSession, on_live: asyncio.Event) -> None:
        url = f"{self.site.replace('http', 'ws', 1)}/ws/spaces/{self.space['id']}/"
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                async with session.ws_connect(url) as socket:
                    await self._stay(socket, on_live)
            await asyncio.sleep(RETRY_S)

    async def _stay(self, socket: aiohttp.ClientWebSocketResponse, on_live: asyncio.Event) -> None:
        pings = asyncio.create_task(self._ping(socket), name="bot's pings")
        try:
            await socket.send_json({"type": "media.connect"})
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    await self._take(socket, frame.json(), on_live)
        finally:
            pings.cancel()

    async def _ping(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await socket.send_json({"type": "ping"})
            await asyncio.sleep(PING_S)

    async def _take(
        self, socket: aiohttp.ClientWebSocketResponse, message: Message, on_live: asyncio.Event
    ) -> None:
        kind = message["type"]
        if kind == "space.snapshot":
            await self._approve(socket, message["requests"])
        elif kind == "media.offer":
            await self._answer(socket, message)
        elif kind == "media.connected":
            await self._go_on_air(socket, on_live)
        elif kind == "media.closed" and message.get("peer") == self._peer:
            await socket.send_json({"type": "media.connect"})
        elif kind == "request.added":
            await self._approve(socket, [message["request"]])

    async def _approve(
        self, socket: aiohttp.ClientWebSocketResponse, requests: list[Message]
    ) -> None:
        for request in requests:
            await socket.send_json({"type": "speak.approve", "user": request["user"]["id"]})

    async def _go_on_air(
        self, socket: aiohttp.ClientWebSocketResponse, on_live: asyncio.Event
    ) -> None:
        """Start, and switch on what a host enters with switched off.

        On a second time the server only says so.
        """
        for wish in (
            {"type": "space.start"},
            {"type": "mic.set", "on": True},
            {"type": "camera.set", "on": True},
        ):
            await socket.send_json(wish)
        on_live.set()

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, offer: Message) -> None:
        await self._hang_up()
        # By its default policy aiortc leaves the second video section on a transport that it then
        # closes.
        connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._connection, self._peer = connection, offer["peer"]
        await connection.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        self._voice = Voice()
        tracks = {"microphone": self._voice, "camera": Face(lambda: self._voice.openness)}
        for transceiver in connection.getTransceivers():
            for slot, track in tracks.items():
                if transceiver.mid == offer["slots"][slot]:
                    transceiver.direction = "sendonly"
                    transceiver.sender.replaceTrack(track)
        await connection.setLocalDescription(await connection.createAnswer())
        sdp = connection.localDescription.sdp
        await socket.send_json({"type": "media.answer", "peer": self._peer, "sdp": sdp})

    async def _hang_up(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        self._connection = None
