"""Counting what is not counted by who asks, for views of the REST API."""

from rest_framework.exceptions import Throttled

from config.http import rate_limits


def count(name: str, who: str) -> None:
    """Count one more `name` by `who`. Raises Throttled, a 429 with the time to wait."""
    if not rate_limits.hit(name, who):
        raise Throttled(wait=rate_limits.wait_s(name, who))
