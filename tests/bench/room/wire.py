"""The least of a WebSocket client (RFC 6455): a thousand of them in one process must cost less than
the server.
"""

import asyncio
import base64
import secrets
import struct
from collections.abc import Callable, Mapping

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL, MASKED = 0x80, 0x80
# Clients must mask; with a key of zeros that changes no byte. It hides nothing, and on loopback
# nobody is fooled.
KEY = bytes(4)


def encode(opcode: int, payload: bytes) -> bytes:
    """Return one whole masked frame (§5.2)."""
    if len(payload) < 126:
        return bytes((FINAL | opcode, MASKED | len(payload))) + KEY + payload
    return struct.pack("!BBH", FINAL | opcode, MASKED | 126, len(payload)) + KEY + payload


def take_frame(buffer: bytearray) -> tuple[int, bytes] | None:
    """Remove the first whole frame of a server and return opcode and payload; None if there is none
    yet.
    """
    if len(buffer) < 2:
        return None
    length, start = buffer[1], 2
    if length == 126:
        start = 4
        length = int.from_bytes(buffer[2:4], "big")
    elif length == 127:
        start = 10
        length = int.from_bytes(buffer[2:10], "big")
    if len(buffer) < start + length:
        return None
    opcode, payload = buffer[0] & 0x0F, bytes(buffer[start : start + length])
    del buffer[: start + length]
    return opcode, payload


class WebSocket(asyncio.Protocol):
    """One connection.

    `on_text` gets each message as bytes; `is_open` is false again once it is lost or closed.
    """

    def __init__(
        self, path: str, headers: Mapping[str, str], on_text: Callable[[bytes], None]
    ) -> None:
        self._request = _request(path, headers)
        self._on_text = on_text
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_open = False
        self.close_code: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed during the handshake"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done() and not self._read_answer():
            return
        while (frame := take_frame(self._buffer)) is not None:
            self._take(*frame)

    def send(self, text: str) -> None:
        if self.is_open:
            self._write(encode(TEXT, text.encode()))

    def stop_reading(self) -> None:
        assert self._transport is not None
        self._transport.pause_reading()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _read_answer(self) -> bool:
        """Take the answer to the handshake off the buffer; False while it is not whole or was a
        refusal.
        """
        head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            self.opened.set_exception(ConnectionError(head.splitlines()[0].decode()))
            return False
        self._buffer = bytearray(rest)
        self.is_open = True
        self.opened.set_result(None)
        return True

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self._on_text(payload)
        elif opcode == PING:
            self._write(encode(PONG, payload))
        elif opcode == CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big") if payload else None
            self.is_open = False
            self._write(encode(CLOSE, payload))

    def _write(self, frame: bytes) -> None:
        assert self._transport is not None
        self._transport.write(frame)


def _request(path: str, headers: Mapping[str, str]) -> bytes:
    lines = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode(),
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
