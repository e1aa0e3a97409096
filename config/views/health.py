"""For load balancers and monitors: is this process alive, and can it serve?"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

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
    """503 until database, Redis, a worker and at least one relay answer.

    Says which, never where they are.
    """
    found = {
        "database": health.database(),
        "redis": health.broker(),
        "relay": health.relays() > 0,
        "worker": health.worker(),
    }
    return JsonResponse(found, status=200 if all(found.values()) else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures for Prometheus. For others there is nothing here."""
    if not _may_measure(request):
        raise Http404
    return HttpResponse(
        page(figures.gather()), content_type="text/plain; version=0.0.4; charset=utf-8"
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


def page(found: figures.Figures) -> str:
    """Return the figures in Prometheus's text format 0.0.4."""
    gauges: dict[str, float] = {
        "live_spaces": found.live_spaces,
        "people_in_rooms": found.people_in_rooms,
        "reminders_due": found.reminders_due,
        "reminders_late_seconds": found.reminders_late_s,
        "reminders_dropped_last_day": found.reminders_dropped,
        "reports_open": found.reports_open,
        "appeals_open": found.appeals_open,
        "accounts_suspended": found.suspended,
        "relays": len(found.relays),
    }
    lines = [
        text
        for name, value in gauges.items()
        for text in (f"# TYPE parley_{name} gauge", f"parley_{name} {value:g}")
    ]
    lines.append("# TYPE parley_queue_waiting gauge")
    lines += [
        f'parley_queue_waiting{{queue="{one.name}"}} {one.waiting}'
        for one in found.queues
        if one.waiting is not None
    ]
    lines.append("# TYPE parley_worker_heard_seconds gauge")
    lines += [
        f'parley_worker_heard_seconds{{queue="{one.name}"}} {one.heard_s:.1f}'
        for one in found.queues
    ]
    lines.append("# TYPE parley_relay_peers gauge")
    lines += [f'parley_relay_peers{{relay="{one.name}"}} {one.peers}' for one in found.relays]
    return "\n".join(lines) + "\n"
