"""For load balancers and monitors: is this process alive, and can it serve?"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from config.monitoring import health
from config.monitoring import metrics as figures

LOOPBACK = ("127.0.0.1", "::1")


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer without asking anybody else: a restart of this process would not mend a database."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 until database, Redis, a worker and at least one relay answer, and can be written to.

    Says which, never where they are. `missing` has a word for each part, also for those without
    which the site serves.
    """
    found: dict[str, object] = {
        "database": health.database(),
        "redis": health.broker(),
        "relay": health.relays() > 0,
        "worker": health.worker(),
    }
    is_there = all(found.values())
    missing = health.missing()
    is_ready = is_there and not set(missing) - health.TOLERATED
    return JsonResponse({**found, "missing": missing}, status=200 if is_ready else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures for Prometheus. For others there is nothing here."""
    if not _may_measure(request):
        return HttpResponseNotFound()  # Not a page of the site: nothing of it is drawn here.
    return HttpResponse(
        generate_latest(figures.FiguresCollector()), content_type=CONTENT_TYPE_LATEST
    )


def _may_measure(request: HttpRequest) -> bool:
    """True with the token, or on this machine.

    Who comes through a proxy on this machine is not on this machine.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme == "Bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    is_forwarded = any(
        name in request.headers for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")
    )
    return not is_forwarded and request.META.get("REMOTE_ADDR") in LOOPBACK
