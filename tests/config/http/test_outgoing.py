"""Servers of strangers: none keeps us for longer than the deadline, none leads us elsewhere."""

import ast
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.env import ROOT
from config.http import outgoing
from config.http.outgoing import BadAddress
from tests.hostile.servers import KINDS, hostile_server
from tests.source_tree import PACKAGES

SOON_S = 1.0
BUSY_S = 1.0  # A machine that is busy with tests wakes threads late.
NEVER_OPENED = {"redirects", "endless body", "body by drops"}  # Their head is an answer.


def seconds_of(kind: str, total_s: float) -> float:
    """Return how long a request to a hostile server takes, however it ends."""
    with hostile_server(kind) as server:
        began = time.monotonic()
        try:
            answer = outgoing.post(server.url(), b"x" * 2000, {}, total_s)
        except OSError:
            assert kind not in NEVER_OPENED
        else:
            assert kind in NEVER_OPENED
            assert answer.status in {201, 307}
        took_s = time.monotonic() - began
        assert len(server.calls) <= 1, "no redirect is followed"
    return took_s


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_in_time_with_a_server_that_is_slow_by(kind: str) -> None:
    assert seconds_of(kind, SOON_S) < SOON_S + BUSY_S


def test_it_ends_within_eight_seconds_if_nothing_else_is_said() -> None:
    with ThreadPoolExecutor(len(KINDS)) as pool:
        took_s = list(pool.map(lambda kind: seconds_of(kind, outgoing.TOTAL_S), KINDS))
    assert outgoing.TOTAL_S == 8
    assert max(took_s) < outgoing.TOTAL_S + BUSY_S
    assert max(took_s) > outgoing.TOTAL_S - BUSY_S  # Some were waited for.


def test_it_counts_the_name_server_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing ends a lookup, so it is left behind."""
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_names, **_rest: over.wait(30) and [])
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        outgoing.post("https://slow.example/x", b"", {}, SOON_S)
    assert time.monotonic() - began < SOON_S + BUSY_S
    over.set()


def test_it_bounds_the_lookups_that_are_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    asked: list[str] = []

    def never(host: str, *_rest: object, **_named: object) -> list[object]:
        asked.append(host)
        over.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    monkeypatch.setattr(outgoing, "_addresses", outgoing._Addresses())
    most = outgoing.LOOKUPS_AT_ONCE
    for number in range(most + 4):
        with pytest.raises(TimeoutError):
            outgoing.check(f"https://slow{number}.example/x", 0.05)
    assert len(asked) == most
    over.set()


def test_it_knows_a_name_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that slow name servers of others are of no matter to the services that all use."""
    asked: list[str] = []

    def answer(host: str, port: int, **_rest: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setattr(outgoing, "_addresses", outgoing._Addresses())
    for _ in range(3):
        outgoing.check("https://push.example/x")
    assert asked == ["push.example"]


@pytest.mark.parametrize(
    ("sent", "status", "retry_after"),
    [
        (b"HTTP/1.1 201 Created\r\nRetry-After: 7\r\n\r\n", 201, "7"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 410 Gone\r\n\r\n", 410, None),
        (b"HTTP/1.0 429 \r\nretry-after: 3\r\nRETRY-AFTER: 4\r\n\r\n", 429, "4"),
        (b"HTTP/1.1 204\r\n\r\n", 204, None),
    ],
)
def test_it_reads_the_head_of_an_answer(sent: bytes, status: int, retry_after: str | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asked: list[bytes] = []

        def serve() -> None:
            client, _address = listener.accept()
            with client:
                asked.append(client.recv(65536))
                client.sendall(sent)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        answer = outgoing.post(f"http://127.0.0.1:{port}/a?b=c", b"body", {"TTL": "60"})
        thread.join()
    assert (answer.status, answer.headers.get("retry-after")) == (status, retry_after)
    head, body = asked[0].split(b"\r\n\r\n")
    assert body == b"body"
    assert head.split(b"\r\n") == [
        b"POST /a?b=c HTTP/1.1",
        f"Host: 127.0.0.1:{port}".encode(),
        b"Content-Length: 4",
        b"Connection: close",
        b"TTL: 60",
    ]


def test_it_takes_no_header_of_two_lines() -> None:
    with hostile_server("silent") as server, pytest.raises(ValueError, match="more than one line"):
        outgoing.post(server.url(), b"", {"X": "1\r\nHost: other"})


def test_it_refuses_an_address_that_is_none() -> None:
    with pytest.raises(BadAddress):
        outgoing.check("https://no-such-name.invalid/x")


# Each opens connections by itself; the relay and what starts processes speak to our own.
CLIENTS = {"http.client", "urllib.request", "requests", "httpx", "smtplib", "aiohttp", "ftplib"}
# The last speaks to our own Redis, whose address the operator has set.
OWN = {"config/http/outgoing.py", "config/mail.py", "media_relay/gone.py"}


def test_it_is_the_one_way_out() -> None:
    """Another client would need its own deadline and its own look at the address."""
    found = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (Path(ROOT) / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Import) and CLIENTS & {name.name for name in node.names})
        or (isinstance(node, ast.ImportFrom) and (node.module or "") in CLIENTS)
        or (isinstance(node, ast.Attribute) and node.attr == "create_connection")
    }
    assert found == OWN
