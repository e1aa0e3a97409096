"""What makes the site an app on a phone: the manifest, the service worker and the page it shows
without a line.
"""

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

_DAY_S = 86400


@require_safe
@cache_control(public=True, max_age=_DAY_S)
def manifest(request: HttpRequest) -> JsonResponse:
    """Made here and not a file, because the names of the icons carry their version."""
    icons = [
        {
            "src": static(f"img/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    words = {
        "id": "/",
        "name": "Parley",
        "short_name": "Parley",
        "description": _("Post, follow, and meet in live rooms."),
        "lang": get_language() or settings.LANGUAGE_CODE,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#0b110f",
        "theme_color": "#142d23",
        "icons": icons,
        "shortcuts": [
            {"name": _("Spaces"), "url": reverse("spaces:index")},
            {"name": _("Messages"), "url": reverse("posts:messages")},
        ],
    }
    return JsonResponse(words, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, because a worker serves the pages below its own address; always asked anew, so
    that it can mend.
    """
    path = (
        finders.find("js/service_worker.js")
        if not settings.PRODUCTION
        else str(settings.STATIC_ROOT / "js" / "service_worker.js")
    )
    try:
        with open(str(path), encoding="utf-8") as file:
            code = file.read()
    except OSError as error:
        raise Http404("The static files are not collected.") from error
    return HttpResponse(code, content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """The same for everybody: the worker keeps it, and the next person at this browser may be
    another one.
    """
    return render(request, "offline.html")
