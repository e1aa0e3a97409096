"""Servers of strangers that keep who calls them: one for each way to be slow."""

import itertools
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

DROP_S = 0.4  # Well below what any timeout for a single read could be.
LINGER_RESET = struct.pack("ii", 1, 0)  # close() sends RST instead of FIN.


@dataclass
class HostileServer:
    """`calls` are the connections that were accepted."""

    kind: str
    scheme: str
    address: str
    port: int
    calls: list[socket.socket] = field(default_factory=list)

    def url(self, host: str = "") -> str:
        return (
            f"{self.scheme}://{host or self.address}:{self.port}/push/{self.kind.replace(' ', '-')}"
        )


Behaviour = Callable[[socket.socket, threading.Event], None]


def _drip(client: socket.socket, over: threading.Event, drops: Iterator[bytes]) -> None:
    for drop in drops:
        if over.wait(DROP_S):
            return
        client.sendall(drop)


def _read_request(client: socket.socket) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = client.recv(65536)
        if not chunk:
            return
        head += chunk


def _silent(client: socket.socket, over: threading.Event) -> None:
    _read_request(client)
    over.wait()


def _handshake_never(client: socket.socket, over: threading.Event) -> None:
    over.wait()


def _handshake_by_drops(client: socket.socket, over: threading.Event) -> None:
    # A record of 16 KiB of handshake (RFC 8446 section 5.1), of which one byte comes at a time.
    _drip(client, over, itertools.chain([b"\x16\x03\x03\x40\x00"], itertools.repeat(b"\x02")))


def _status_by_drops(client: socket.socket, over: threading.Event) -> None:
    _read_request(client)
    _drip(client, over, itertools.chain([b"HTTP/1.1 2"], itertools.repeat(b"0")))


def _headers_by_drops(client: socket.socket, over: threading.Event) -> None:
    _read_request(client)
    _drip(client, over, itertools.chain([b"HTTP/1.1 201 Created\r\nX: "], itertools.repeat(b"x")))


def _body_by_drops(client: socket.socket, over: threading.Event) -> None:
    _read_request(client)
    head = b"HTTP/1.1 201 Created\r\nContent-Length: 9999\r\n\r\n"
    _drip(client, over, itertools.chain([head], itertools.repeat(b"x")))


def _continues(client: socket.socket, over: threading.Event) -> None:
    _read_request(client)
    _drip(client, over, itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"))


def _endless(first: bytes, rest: bytes) -> Behaviour:
    def flood(client: socket.socket, over: threading.Event) -> None:
        _read_request(client)
        client.sendall(first)
        while not over.is_set():
            client.sendall(rest)

    return flood


def _reset(client: socket.socket, over: threading.Event) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
    client.close()


def _nonsense(client: socket.socket, over: threading.Event) -> None:
    _read_request(client)
    client.sendall(b"220 mail.example ESMTP\r\n\r\n")
    over.wait()


def _redirects(client: socket.socket, over: threading.Event) -> None:
    _read_request(client)
    host, port = client.getsockname()
    answer = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{host}:{port}/again\r\n\r\n"
    client.sendall(answer.encode())


OK = b"HTTP/1.1 201 Created\r\n"
BEHAVIOURS: dict[str, tuple[str, Behaviour]] = {
    "silent": ("http", _silent),
    "TLS never": ("https", _handshake_never),
    "TLS by drops": ("https", _handshake_by_drops),
    "status by drops": ("http", _status_by_drops),
    "headers by drops": ("http", _headers_by_drops),
    "body by drops": ("http", _body_by_drops),
    "continues for ever": ("http", _continues),
    "endless body": ("http", _endless(OK + b"\r\n", b"x" * 65536)),
    "endless headers": ("http", _endless(OK, b"X-More: " + b"x" * 60000 + b"\r\n")),
    "endless status": ("http", _endless(b"HTTP/1.1 201 ", b"x" * 65536)),
    "reset": ("http", _reset),
    "no HTTP": ("http", _nonsense),
    "redirects": ("http", _redirects),
}
NEVER_ACCEPTED = "connect"
KINDS = [*BEHAVIOURS, NEVER_ACCEPTED]


@contextmanager
def hostile_server(kind: str, address: str = "127.0.0.1") -> Iterator[HostileServer]:
    """Run one of KINDS on a free port of this machine; each `address` is another host."""
    if kind == NEVER_ACCEPTED:
        with _never_accepting(address) as server:
            yield server
        return
    scheme, behave = BEHAVIOURS[kind]
    listener = socket.create_server((address, 0), backlog=64)
    server = HostileServer(kind, scheme, address, listener.getsockname()[1])
    over = threading.Event()
    threads: list[threading.Thread] = []

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            behave(client, over)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _address = listener.accept()
                server.calls.append(client)
                threads.append(threading.Thread(target=serve, args=(client,)))
                threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield server
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for client in server.calls:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


@contextmanager
def _never_accepting(address: str) -> Iterator[HostileServer]:
    """Linux drops a SYN for a listener whose line of waiting connections is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((address, 0), backlog=0))
        port = listener.getsockname()[1]
        waiting = stack.enter_context(socket.create_connection((address, port)))
        assert waiting.getpeername()[1] == port
        yield HostileServer(NEVER_ACCEPTED, "http", address, port)
