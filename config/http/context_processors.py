"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest

from config.http.server_time import now_ms
from config.limits import LIMITS


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "site_name": "Parley",
        "demo": settings.DEMO,
        "limits": LIMITS,
        "server_time_ms": now_ms(),
    }
