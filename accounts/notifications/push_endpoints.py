"""Addresses that browsers name for their pushes: checked at subscription and at each sending.

A browser's endpoint is an address that a stranger tells us to call. It must not lead into our own
network, so the name is resolved here, every address it has must be a public one, and the connection
goes to exactly the checked one.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models.push_subscription import ENDPOINT_CHARS

TIMEOUT_S = 5
RESPONSE_BYTES = 4096
RETRY_AFTER_MAX_S = 24 * 3600  # A service must not silence us for longer.


class BadEndpoint(ValueError):
    """An address we do not call."""


@dataclass(frozen=True)
class PushResponse:
    """What a push service said. `retry_after_s` is 0 if it did not say."""

    status: int
    retry_after_s: int


@dataclass(frozen=True)
class _Target:
    is_tls: bool
    host: str
    port: int
    path: str
    address: str


def check(endpoint: str) -> None:
    """Raise BadEndpoint for anything but a public https address. Asks the name server."""
    _target_of(endpoint)


def post(endpoint: str, body: bytes, headers: Mapping[str, str]) -> PushResponse:
    """Send `body`.

    Follows no redirect. Raises BadEndpoint, or OSError for a service that cannot be reached.
    """
    target = _target_of(endpoint)
    connection = _PinnedConnection(target)
    try:
        connection.request("POST", target.path, body, dict(headers))
        response = connection.getresponse()
        response.read(RESPONSE_BYTES)
    except http.client.HTTPException as error:
        raise OSError(f"The push service does not speak HTTP: {error!r}") from error
    finally:
        connection.close()
    # RFC 9110 §10.2.3 allows a date as well; that one is not understood here.
    retry_after = response.headers.get("Retry-After", "")
    is_seconds = retry_after.isdecimal() and len(retry_after) < 7
    retry_after_s = min(int(retry_after), RETRY_AFTER_MAX_S) if is_seconds else 0
    return PushResponse(response.status, retry_after_s)


class _PinnedConnection(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever its name resolves to by then.

    The certificate is still checked against the name.
    """

    def __init__(self, target: _Target) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT_S)
        self._target = target

    def connect(self) -> None:
        self.sock = socket.create_connection((self._target.address, self._target.port), TIMEOUT_S)
        if self._target.is_tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)


def _target_of(endpoint: str) -> _Target:
    if (
        len(endpoint) > ENDPOINT_CHARS
        or not endpoint.isascii()
        or any(char.isspace() for char in endpoint)
    ):
        raise BadEndpoint("The address is too long or odd.")
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as error:
        raise BadEndpoint("The address cannot be read.") from error
    is_tls = parts.scheme == "https"
    # Tests have a push service of their own, without a certificate.
    is_known_scheme = is_tls or (settings.PUSH_TO_LOOPBACK and parts.scheme == "http")
    if not is_known_scheme or not parts.hostname or parts.username or parts.password:
        raise BadEndpoint("A push service is an https address.")
    port = port or (443 if is_tls else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(is_tls, parts.hostname, port, path, _public_address(parts.hostname, port))


def _public_address(host: str, port: int) -> str:
    """Return an address of `host`; one private address among several refuses them all."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadEndpoint("The address does not exist.") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        parsed = ipaddress.ip_address(address.split("%")[0])  # fe80::1%eth0 has a scope.
        # ::ffff:127.0.0.1 leads to 127.0.0.1, so that is what counts.
        reached = getattr(parsed, "ipv4_mapped", None) or parsed
        is_public = reached.is_global and not reached.is_multicast
        # Tests have a push service of their own on this machine.
        if reached.is_loopback:
            is_public = settings.PUSH_TO_LOOPBACK
        if not is_public:
            raise BadEndpoint("The address is not a public one.")
    if not addresses:
        raise BadEndpoint("The address does not exist.")
    return addresses[0]
