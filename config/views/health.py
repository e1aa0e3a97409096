"""For load balancers and monitors: is this process alive, and can it serve?"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import probes


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer without asking anybody else: a restart of this process would not mend a database."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 until database, Redis and at least one relay answer. Says which, never where they are."""
    found = {"database": probes.database(), "redis": probes.broker(), "relay": probes.relays() > 0}
    return JsonResponse(found, status=200 if all(found.values()) else 503)
