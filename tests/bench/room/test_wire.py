"""The light WebSocket client against the frames of RFC 6455 and against another implementation's
server.
"""

import asyncio

import aiohttp
from aiohttp import web

from tests.bench.room.wire import PING, TEXT, WebSocket, encode, take_frame
from tests.stack.waiting import until


def test_it_takes_frames_one_by_one_and_waits_for_the_rest() -> None:
    # RFC 6455 §5.7 and one of 256 bytes.
    hello, long = b"\x81\x05Hello", b"\x81\x7e\x01\x00" + b"x" * 256
    buffer = bytearray(hello + long)
    assert take_frame(buffer) == (TEXT, b"Hello")
    assert take_frame(buffer) == (TEXT, b"x" * 256)
    for cut in (0, 1, 2, 3, 259):
        assert take_frame(bytearray(long[:cut])) is None


def test_it_makes_masked_frames_of_both_lengths() -> None:
    assert encode(PING, b"ab") == b"\x89\x82\0\0\0\0ab"
    assert encode(TEXT, b"x" * 126)[:4] == b"\x81\xfe\x00\x7e"


async def test_it_talks_to_a_server_and_notices_the_close() -> None:
    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            assert message.type is aiohttp.WSMsgType.TEXT
            await socket.send_str(f"{request.headers['Cookie']} {message.data}")
            await socket.close(code=4410)
        return socket

    app = web.Application()
    app.router.add_get("/", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    heard: list[bytes] = []
    socket = WebSocket("/", {"Host": f"127.0.0.1:{port}", "Cookie": "a=b"}, heard.append)
    await asyncio.get_running_loop().create_connection(lambda: socket, "127.0.0.1", port)
    await socket.opened
    socket.send("hé")
    await until(lambda: socket.close_code, "the server has closed")
    assert heard == ["a=b hé".encode()] and socket.close_code == 4410
    socket.abort()
    await runner.cleanup()
