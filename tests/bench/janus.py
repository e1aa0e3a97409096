"""Debian's Janus beside the relay: the same talk to the same kind of listeners, through its Streaming plugin.

The plugin takes plain RTP from one source and forwards it to every viewer under their own key: the nearest Janus has to
a Space's listeners, and the cheapest, as nobody's WebRTC has to be received. Left out where `janus` is not installed.
"""

import asyncio
import contextlib
import itertools
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import xor
from pathlib import Path
from typing import Any

import aiohttp

from tests.bench import stun
from tests.bench.crowd import Crowd
from tests.bench.meter import read_cpu
from tests.bench.peer import Identity, Peer
from tests.bench.report import JanusRow
from tests.bench.sdp import Section, read_offer
from tests.bench.shapes import SHAPES, SPEECH_BYTES, SPEECH_HZ, Beat, Shape
from tests.bench.synthetic import Stream
from tests.stack.waiting import until

LIBRARIES = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "janus"
PLUGIN = "janus.plugin.streaming"
OPUS, VP8 = 111, 96
MOUNTPOINT = 1
EVENT_LOOPS = 2  # One a core. As shipped Janus has a thread for each listener, which costs it three times as much.
ANSWER_S = 20.0
WARM_UP_S = 2.0
XOR_MAPPED_ADDRESS = 0x0020
Message = dict[str, Any]  # Any: JSON of the Janus API.


def is_installed() -> bool:
    return shutil.which("janus") is not None and LIBRARIES.is_dir()


def version() -> str:
    """Return its version, the last word of what it says first: `Janus version: 1102 (1.1.2)`."""
    found = subprocess.run(["janus", "--version"], capture_output=True, text=True, check=False)
    return (found.stdout + found.stderr).split("(", 1)[-1].split(")", 1)[0]


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class JanusProcess:
    """One Janus with nothing but the Streaming plugin and its WebSocket, configured in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="parley-janus-"))
        self.port = free_port(socket.SOCK_STREAM)
        self.media = {"audio": free_port(), "video": free_port()}
        self._write()
        with (self.folder / "log").open("wb") as log:
            command = ["janus", "-o", "-d", "2", "-F", str(self.folder), "-C", str(self.folder / "janus.jcfg")]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self) -> None:
        others = [each.name for each in (LIBRARIES / "plugins").glob("*.so") if "streaming" not in each.name]
        transports = [each.name for each in (LIBRARIES / "transports").glob("*.so") if "websockets" not in each.name]
        (self.folder / "janus.jcfg").write_text(f"""
            general: {{ configs_folder = "{self.folder}" plugins_folder = "{LIBRARIES}/plugins"
                transports_folder = "{LIBRARIES}/transports" events_folder = "{LIBRARIES}/events"
                loggers_folder = "{LIBRARIES}/loggers" session_timeout = 0 event_loops = {EVENT_LOOPS} }}
            media: {{ ipv6 = false }}
            plugins: {{ disable = "{",".join(others)}" }}
            transports: {{ disable = "{",".join(transports)}" }}
        """)
        (self.folder / "janus.transport.websockets.jcfg").write_text(
            f'general: {{ ws = true ws_port = {self.port} ws_ip = "127.0.0.1" }}'
        )
        (self.folder / "janus.plugin.streaming.jcfg").write_text("general: { }")


class Gateway:
    """The Janus API over one WebSocket: a session, and a handle for each viewer."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
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
        return int((await self._ask({"janus": "attach", "plugin": PLUGIN}))["data"]["id"])

    async def say(self, handle: int, body: Message, jsep: Message | None = None) -> Message:
        """Send a message to the plugin and return what it answers, which for most comes as an event later."""
        message = {"janus": "message", "handle_id": handle, "body": body}
        return await self._ask(message if jsep is None else {**message, "jsep": jsep})

    async def _ask(self, message: Message) -> Message:
        transaction = str(next(self._numbers))
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[transaction] = answer
        known = {"session_id": self._session} if self._session else {}
        await self._socket.send_json({**message, **known, "transaction": transaction})
        reply = await asyncio.wait_for(answer, ANSWER_S)
        assert reply["janus"] != "error" and "error" not in reply.get("plugindata", {}).get("data", {}), reply
        return reply

    async def _read(self) -> None:
        async for frame in self._socket:
            message = frame.json()
            answer = self._answers.get(message.get("transaction", ""))
            if answer is not None and not answer.done() and message["janus"] != "ack":
                answer.set_result(message)


@dataclass
class Viewer:
    """One listener at Janus, as `crowd` sees it."""

    peer: Peer
    offer: Message

    def slot_payload_type(self, slot: str) -> int:
        return OPUS if slot == "audio" else VP8


class LitePeer(Peer):
    """The lite side of ICE: Janus's checks are answered, none are sent. Its own lite mode fails here."""

    def check(self) -> None:
        """Janus asks for itself, at first and for consent."""

    def _take_stun(self, datagram: bytes) -> None:
        if stun.kind_of(datagram) != stun.BINDING_REQUEST:
            return
        host, port = self.address
        cookie = stun.MAGIC_COOKIE.to_bytes(4, "big")
        hidden = bytes(map(xor, port.to_bytes(2, "big") + socket.inet_aton(host), cookie[:2] + cookie))
        body = stun.attribute(XOR_MAPPED_ADDRESS, b"\x00\x01" + hidden)
        self.send(stun.sealed(stun.BINDING_SUCCESS, stun.transaction_of(datagram), body, self.password))
        self.checked = True
        self._news.set()


class JanusRoom:
    """Brings viewers to the mountpoint; stands where `LightRoom` does for a crowd."""

    def __init__(self, gateway: Gateway, identity: Identity) -> None:
        self._gateway = gateway
        self._identity = identity
        self._peers: list[Peer] = []

    async def join(self, user: str = "", *, consent: bool = True) -> Viewer:
        handle = await self._gateway.attach()
        answer = await self._gateway.say(handle, {"request": "watch", "id": MOUNTPOINT})
        offer = read_offer(answer["jsep"]["sdp"])
        peer = LitePeer(self._identity, offer)
        self._peers.append(peer)
        await self._gateway.say(handle, {"request": "start"}, {"type": "answer", "sdp": _with_candidate(peer)})
        await peer.connect(ANSWER_S)
        mids = {section.kind: section.mid for section in offer.sections}
        return Viewer(peer, {"slots": {"audio": [mids["audio"]], "video": mids["video"]}})

    async def close(self) -> None:
        for peer in self._peers:
            await peer.close()


def _with_candidate(peer: Peer) -> str:
    """Return the answer with the peer's address in it: Janus starts no ICE before it knows of one."""
    host, port = peer.socket.getsockname()
    line = f"a=candidate:1 1 udp 2122260223 {host} {port} typ host\r\na=end-of-candidates\r\n"
    answer = re.sub(r"(a=mid:\S+\r\n)", rf"\1{line}", peer.answer)
    return answer.replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n", 1)


class Source:
    """Plain RTP into the mountpoint, of the same shapes that `publisher` sends."""

    def __init__(self, janus: JanusProcess) -> None:
        self._ports = janus.media
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._streams = {kind: Stream(_section(kind), 1 + number) for number, kind in enumerate(("audio", "video"))}
        self._beats = Beat(0, 0), Beat(0, 0)
        self._key_at = 0.0
        self.shape: Shape | None = None
        self.sent = 0

    def begin(self, shape: Shape, now: float) -> None:
        self.shape = shape
        self._beats = Beat(SPEECH_HZ, now), Beat(shape.frame_hz, now)

    def stop(self) -> None:
        self.shape = None

    def close(self) -> None:
        self._socket.close()

    def send_due(self, now: float) -> None:
        if self.shape is None:
            return
        if self._beats[0].is_due(now):
            self._send("audio", [self._streams["audio"].speech(SPEECH_BYTES)])
        if self._beats[1].is_due(now):
            shape = self.shape
            key, self._key_at = now >= self._key_at, max(self._key_at, now + 2)  # Nobody tells a plain source of PLIs.
            frame = self._streams["video"].frame(shape.frame_packets, shape.frame_bytes, key, shape.frame_hz)
            self._send("video", frame)

    def _send(self, kind: str, packets: list[bytes]) -> None:
        for packet in packets:
            self._socket.sendto(packet, ("127.0.0.1", self._ports[kind]))
        self.sent += len(packets)


def _section(kind: str) -> Section:
    codec = {"opus": OPUS} if kind == "audio" else {"vp8": VP8}
    return Section(kind, kind, "sendonly", codec, {}, [], [])


@asynccontextmanager
async def mountpoint(janus: JanusProcess) -> AsyncIterator[Gateway]:
    """Yield the API of a Janus that has taken up its one stream."""
    async with aiohttp.ClientSession() as session:
        await until(lambda: _listens(janus.port), "Janus's WebSocket", 15)
        async with session.ws_connect(f"http://127.0.0.1:{janus.port}", protocols=("janus-protocol",)) as opened:
            gateway = Gateway(opened)
            await gateway.begin()
            media = [
                {"type": "audio", "mid": "a", "port": janus.media["audio"], "pt": OPUS, "codec": "opus"},
                {"type": "video", "mid": "v", "port": janus.media["video"], "pt": VP8, "codec": "vp8"},
            ]
            body = {"request": "create", "type": "rtp", "id": MOUNTPOINT, "media": media}
            await gateway.say(await gateway.attach(), body)
            yield gateway
            await gateway.close()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


async def measure(listeners: int, seconds: float) -> list[JanusRow]:
    """Return what Janus costs in each talk with so many viewers."""
    janus = JanusProcess()
    source = Source(janus)
    try:
        async with mountpoint(janus) as gateway:
            room = JanusRoom(gateway, Identity())
            crowd = Crowd(room)
            before = read_cpu(janus.pid)
            await crowd.join(listeners)
            join_ms = read_cpu(janus.pid).since(before).cpu_s / listeners * 1e3
            rows = [await _talk(janus, crowd, source, shape, seconds, join_ms) for shape in SHAPES]
            await room.close()
            return rows
    finally:
        source.close()
        janus.kill()


async def _talk(
    janus: JanusProcess, crowd: Crowd, source: Source, shape: Shape, seconds: float, join_ms: float
) -> JanusRow:
    source.begin(shape, time.monotonic())
    await crowd.run(WARM_UP_S, source.send_due)
    crowd.clear()
    sent, before = source.sent, read_cpu(janus.pid)
    await crowd.run(seconds, source.send_due)
    spent, sent = read_cpu(janus.pid).since(before), source.sent - sent
    delivered, client_full = max(1, crowd.delivered), crowd.dropped_here()
    source.stop()
    return JanusRow(
        listeners=len(crowd.members),
        shape=shape.name,
        cpu_share=spent.share,
        per_packet_us=spent.cpu_s / delivered * 1e6,
        loss=crowd.loss_of(sent),
        client_full=client_full,
        cpu_per_join_ms=join_ms,
    )
