"""Addresses that browsers name for their pushes: checked at subscription and at each sending."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.http import outgoing

RETRY_AFTER_MAX_S = 24 * 3600  # A service must not silence us for longer.
BadEndpoint = outgoing.BadAddress


@dataclass(frozen=True)
class PushResponse:
    """What a push service said. `retry_after_s` is 0 if it did not say."""

    status: int
    retry_after_s: int


def check(endpoint: str) -> None:
    """Raise BadEndpoint for anything but a public https address.

    Asks the name server; raises TimeoutError when that is too slow.
    """
    outgoing.check(endpoint)


def post(endpoint: str, body: bytes, headers: Mapping[str, str]) -> PushResponse:
    """Send `body`.

    Raises BadEndpoint, or OSError for a service that cannot be reached in time.
    """
    answer = outgoing.post(endpoint, body, headers)
    # RFC 9110 §10.2.3 allows a date as well; that one is not understood here.
    retry_after = answer.headers.get("retry-after", "")
    is_seconds = retry_after.isdecimal() and len(retry_after) < 7
    retry_after_s = min(int(retry_after), RETRY_AFTER_MAX_S) if is_seconds else 0
    return PushResponse(answer.status, retry_after_s)


def host_of(endpoint: str) -> str:
    """Return the host of an endpoint that `check` took."""
    return outgoing.host_of(endpoint)
