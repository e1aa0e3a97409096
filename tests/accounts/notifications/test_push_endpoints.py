"""No browser may make us call into our own network."""

import socket
from typing import Any

import pytest
from pytest_django import Settings

from accounts.notifications import push_endpoints
from accounts.notifications.push_endpoints import BadEndpoint
from config.http import outgoing


@pytest.fixture(autouse=True)
def _strict(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUSH_TO_LOOPBACK = False
    # What an earlier test said of a name is forgotten.
    monkeypatch.setattr(outgoing, "_addresses", outgoing._Addresses())


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    # Any: what the name server's answer looks like.
    def answer(host: str, port: int, **rest: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://push.example/x",
        "https://",
        "https://user:pass@push.example/x",
        "ftp://push.example/x",
        "file:///etc/passwd",
        "https://push.example:99999/x",
        "https://[::1",
        "https://push.example/\r\nHost: x",
        "https://push.example/ä",
        "https://push.example/" + "x" * 1000,
    ],
)
def test_it_refuses_what_is_no_push_service(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    resolving(monkeypatch, "93.184.216.34")
    with pytest.raises(BadEndpoint):
        push_endpoints.check(endpoint)


PRIVATE = """
127.0.0.1 ::1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0
fe80::1 fc00::1 ::ffff:127.0.0.1
::ffff:10.0.0.1 224.0.0.1 ff02::1 255.255.255.255 ::
64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: 2002:a9fe:a9fe:: 2001:0:1::f5ff:fffe
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_it_refuses_names_that_lead_into_a_network_of_ours(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolving(monkeypatch, "93.184.216.34", address)  # One bad one among good ones is enough.
    with pytest.raises(BadEndpoint):
        push_endpoints.check("https://push.example/x")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "10.0.0.1"]
)
def test_it_refuses_the_addresses_themselves(host: str) -> None:
    with pytest.raises(BadEndpoint):
        push_endpoints.check(f"https://{host}/x")


def test_it_takes_one_out_in_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34")
    push_endpoints.check("https://push.example/x?y=1")


def test_it_connects_to_the_address_it_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers differently the second time leads nowhere else."""
    resolving(monkeypatch, "93.184.216.34")
    called: list[Any] = []

    def connect(place: tuple[str, int], timeout: float) -> None:
        called.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OSError):
        push_endpoints.post("https://push.example:8443/x", b"", {})
    assert called == [("93.184.216.34", 8443)]


def test_it_takes_this_machine_where_it_is_allowed(settings: Settings) -> None:
    settings.PUSH_TO_LOOPBACK = True
    push_endpoints.check("http://127.0.0.1:9/x")
    with pytest.raises(BadEndpoint):
        push_endpoints.check("http://10.0.0.1/x")
