"""Requests to addresses that strangers name: the one way out.

Nobody may lead us into our own network: the name is resolved here, every address it has must be a
public one, and the connection goes to exactly the checked one. Nobody may keep us: name server,
connection, TLS, request and answer have one deadline together. No redirect is followed, and of an
answer only its head is read.
"""

import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from config.deadline import Deadline

TOTAL_S = 8.0
ADDRESS_CHARS = 1000
HEAD_BYTES = 16 * 1024
INTERIM_ANSWERS = 5  # 103 and its like, before the answer (RFC 9110 §15.2).
# A name server that does not answer keeps its thread for half a minute, which nothing can end.
LOOKUPS_AT_ONCE = 16
RESOLVED_FOR_S = 60  # So that a slow name server of one host is of no matter to those known.
RESOLVED_HOSTS = 512
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r\n")


class BadAddress(ValueError):
    """An address that we do not call."""


@dataclass(frozen=True)
class Answer:
    """`headers` has lower-case names; of one that came twice, the last value."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _Target:
    is_tls: bool
    host: str
    port: int
    path: str
    address: str

    @property
    def authority(self) -> str:
        """Return what stands in the header Host (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def check(url: str, total_s: float = TOTAL_S) -> None:
    """Raise BadAddress for anything but a public https address. Asks the name server."""
    _target_of(url, Deadline(total_s))


def host_of(url: str) -> str:
    """Return the host of an address that `check` took, in lower case."""
    return urlsplit(url).hostname or ""


def post(url: str, body: bytes, headers: Mapping[str, str], total_s: float = TOTAL_S) -> Answer:
    """Send `body` and return the head of the answer, `total_s` from now at the latest.

    Raises BadAddress, or OSError for a server that cannot be reached, is too slow or speaks no
    HTTP.
    """
    deadline = Deadline(total_s)
    target = _target_of(url, deadline)
    with _connected(target, deadline) as connection:
        connection.settimeout(deadline.left_s())
        connection.sendall(_request(target, body, headers))
        return _answer(connection, deadline)


def _connected(target: _Target, deadline: Deadline) -> socket.socket:
    """Connect to the address that was checked, whatever its name resolves to by then.

    The certificate is still checked against the name.
    """
    plain = socket.create_connection((target.address, target.port), deadline.left_s())
    if not target.is_tls:
        return plain
    try:
        plain.settimeout(deadline.left_s())  # For the whole handshake.
        return _tls().wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(target: _Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    fields = {
        "Host": target.authority,
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields)]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("A header has more than one line.")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _answer(connection: socket.socket, deadline: Deadline) -> Answer:
    received = bytearray()
    for _ in range(INTERIM_ANSWERS):
        end = _read_head(connection, received, deadline)
        status = _STATUS.match(received)
        if status is None:
            raise OSError("The server does not speak HTTP.")
        if not status[1].startswith(b"1"):
            try:
                found = http.client.parse_headers(io.BytesIO(received[status.end() : end]))
            except http.client.HTTPException as error:
                raise OSError(f"The server does not speak HTTP: {error!r}") from error
            headers = {name.lower(): value for name, value in found.items()}
            return Answer(int(status[1]), headers)
        del received[:end]
    raise OSError("The server does not come to an answer.")


def _read_head(connection: socket.socket, received: bytearray, deadline: Deadline) -> int:
    """Read on until `received` has a whole head; return where that ends."""
    while (end := received.find(b"\r\n\r\n")) < 0:
        if len(received) > HEAD_BYTES:
            raise OSError("The server says too much before its answer.")
        connection.settimeout(deadline.left_s())
        chunk = connection.recv(4096)
        if not chunk:
            raise OSError("The server hung up.")
        received += chunk
    return end + 4


def _target_of(url: str, deadline: Deadline) -> _Target:
    if len(url) > ADDRESS_CHARS or not url.isascii() or any(char.isspace() for char in url):
        raise BadAddress("The address is too long or odd.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress("The address cannot be read.") from error
    is_tls = parts.scheme == "https"
    # Tests have servers of their own, without a certificate.
    is_known_scheme = is_tls or (settings.PUSH_TO_LOOPBACK and parts.scheme == "http")
    if not is_known_scheme or not parts.hostname or parts.username or parts.password:
        raise BadAddress("It is no https address.")
    port = port or (443 if is_tls else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    address = _public_address(parts.hostname, port, deadline)
    return _Target(is_tls, parts.hostname, port, path, address)


def _public_address(host: str, port: int, deadline: Deadline) -> str:
    """Return an address of `host`; one private address among several refuses them all."""
    try:
        addresses = _addresses.of(host, port, deadline)
    except TimeoutError:
        raise
    except (OSError, UnicodeError) as error:
        raise BadAddress("The address does not exist.") from error
    if not addresses:
        raise BadAddress("The address does not exist.")
    if not all(is_public(address) for address in addresses):
        raise BadAddress("The address is not a public one.")
    return addresses[0]


NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1.


def is_public(address: str) -> bool:
    """Return whether an address is out in the world; tests may use this machine, too."""
    parsed = ipaddress.ip_address(address.split("%")[0])  # fe80::1%eth0 has a scope.
    reached = _reached(parsed)
    # Tests have servers of their own on this machine.
    if reached.is_loopback:
        return bool(settings.PUSH_TO_LOOPBACK)
    return reached.is_global and not reached.is_multicast


def _reached(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return where an address leads: ::ffff:127.0.0.1 is 127.0.0.1, and a gateway translates."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


class _Addresses:
    """What names resolve to, asked in threads, because a lookup cannot be given a deadline."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(LOOKUPS_AT_ONCE)
        self._known: dict[tuple[str, int], tuple[float, list[str]]] = {}

    def of(self, host: str, port: int, deadline: Deadline) -> list[str]:
        """Raises OSError or UnicodeError for a name that does not exist, TimeoutError when it is
        too late.
        """
        until, known = self._known.get((host, port), (0.0, []))
        if time.monotonic() < until:
            return known
        found = self._ask(host, port, deadline)
        while len(self._known) >= RESOLVED_HOSTS:
            self._known.pop(next(iter(self._known)), None)
        self._known[host, port] = (time.monotonic() + RESOLVED_FOR_S, found)
        return found

    def forget(self) -> None:
        self._known.clear()

    def _ask(self, host: str, port: int, deadline: Deadline) -> list[str]:
        if not self._free.acquire(timeout=deadline.left_s()):
            raise TimeoutError("The name servers are busy.")
        answer: Future[list[str]] = Future()

        def ask() -> None:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                answer.set_result([str(entry[4][0]) for entry in found])
            except Exception as error:
                answer.set_exception(error)
            finally:
                self._free.release()

        threading.Thread(target=ask, name="look up", daemon=True).start()
        return answer.result(deadline.left_s())


_addresses = _Addresses()
