"""The scripts' words in the viewer's language:

Django's catalogue, sent again only when it may differ.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import etag
from django.views.i18n import JavaScriptCatalog

_STARTED_AT = timezone.now()  # The compiled words are as old as this process.


def _version(request: HttpRequest) -> str:
    """By language too: somebody who switches must not be told that nothing has changed."""
    return f'"{get_language()}-{_STARTED_AT.timestamp():.0f}"'


@cache_control(private=True, no_cache=True)
@etag(_version)
def catalogue(request: HttpRequest) -> HttpResponseBase:
    return JavaScriptCatalog.as_view()(request)
