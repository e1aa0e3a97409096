"""Where a request or a socket comes from. Pages, the API, rooms and allauth all ask here."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

Scope = Mapping[str, Any]  # Any: what ASGI has in it.


def of_request(request: HttpRequest) -> str:
    forwarded = request.headers.get("X-Forwarded-For", "")
    return _client(forwarded, str(request.META.get("REMOTE_ADDR", "")))


def of_socket(scope: Scope) -> str:
    """Return the address of a WebSocket's client; "" for one that has none."""
    # A proxy may add a line of its own in place of a word in the last one (RFC 9110 §5.3).
    lines = [value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
    peer = scope.get("client") or ("", 0)
    return _client(b",".join(lines).decode("latin-1"), str(peer[0]))


def _client(forwarded: str, peer: str) -> str:
    """Return the entry that the outermost trusted proxy wrote.

    With N trusted proxies it is the Nth from the right: those further left are the client's own
    words. `peer` is who is connected to us, and stands in for an entry that is missing or none.
    """
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if not trusted or len(hops) < trusted:
        return peer
    return _without_port(hops[-trusted]) or peer


def _without_port(entry: str) -> str:
    """Return the address in `entry`; some proxies add a port, as in `[2001:db8::1]:4711`."""
    for text in (entry, entry.rpartition(":")[0]):
        bare = text.removeprefix("[").removesuffix("]")
        try:
            return str(ip_address(bare))
        except ValueError:
            continue
    return ""
