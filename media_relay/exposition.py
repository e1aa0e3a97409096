"""The page that Prometheus reads: plain HTTP on loopback, one answer a connection."""

import asyncio
from collections.abc import Callable

REQUEST_S = 5
MAX_REQUEST = 8192


async def serve(port: int, page: Callable[[], str]) -> asyncio.Server:
    """Serve `page()` at /metrics on 127.0.0.1; port 0 takes a free one."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_S):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(_response(request, page))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # Whoever asked has gone or does not speak HTTP; there is nobody to tell.
        finally:
            writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port, limit=MAX_REQUEST)


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


def _response(request: bytes, page: Callable[[], str]) -> bytes:
    words = request.split(b"\r\n", 1)[0].split(b" ")
    if words[:2] != [b"GET", b"/metrics"]:
        return _message("404 Not Found", "Look at /metrics.\n")
    return _message("200 OK", page())


def _message(status: str, text: str) -> bytes:
    body = text.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
