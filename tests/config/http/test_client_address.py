"""One function tells where pages, API, sockets and log-ins come from."""

import pytest
from allauth.account.adapter import get_adapter
from django.test import RequestFactory

from config.http import client_address, rate_limits

PEER = "10.0.0.9"  # The proxy that is connected to us.


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.7", PEER),
        (1, "203.0.113.7", "203.0.113.7"),
        # The client sent the first entry itself, to be counted as somebody else.
        (1, "192.0.2.66, 203.0.113.7", "203.0.113.7"),
        (2, "192.0.2.66, 203.0.113.7, 198.51.100.2", "203.0.113.7"),
        (2, "192.0.2.66,203.0.113.7 ,, 198.51.100.2,", "203.0.113.7"),
        (2, "203.0.113.7", PEER),
        (1, "", PEER),
        (1, "unknown", PEER),
        (1, "203.0.113.7:4711", "203.0.113.7"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "[2001:db8::7]", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "x\u00e9", PEER),
    ],
)
def test_it_counts_pages_api_rooms_and_log_ins_by_one_address(
    settings: object, rf: RequestFactory, proxies: int, forwarded: str, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies  # type: ignore[attr-defined]  # pytest-django's.
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=PEER)
    header = (b"x-forwarded-for", forwarded.encode("latin-1"))
    assert client_address.of_request(request) == address
    assert client_address.of_socket({"headers": [header], "client": (PEER, 4711)}) == address
    assert get_adapter().get_client_ip(request) == address
    assert rate_limits.where_from(request) == f"ip:{rate_limits.network_of(address)}"


def test_it_reads_the_header_where_each_proxy_wrote_a_line(settings: object) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2  # type: ignore[attr-defined]  # pytest-django's.
    lines = [b"192.0.2.66", b"203.0.113.7", b"198.51.100.2"]
    scope = {"headers": [(b"X-Forwarded-For", line) for line in lines], "client": (PEER, 1)}
    assert client_address.of_socket(scope) == "203.0.113.7"


def test_it_has_no_address_for_a_client_of_a_unix_socket() -> None:
    assert client_address.of_socket({"headers": [], "client": None}) == ""
