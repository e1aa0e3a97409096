"""The address of the API's description. Making it takes half a second; it changes with the code."""

import threading
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from config.http import rate_limits
from config.rest import throttling

MAX_AGE_S = 3600
_one_at_a_time = threading.Lock()  # Many who ask for the first must not make it many times.


class SchemaView(SpectacularAPIView):
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    # Any: what routes may hand over.
    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> HttpResponse:
        throttling.count("schema", rate_limits.who_asks(request._request))
        asked = request.GET.get("lang") or translation.get_language()
        language = asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        renderer = request.accepted_renderer
        with _one_at_a_time:
            body = _body(language, renderer.format)
        answer = HttpResponse(body, content_type=f"{renderer.media_type}; charset=utf-8")
        answer["Content-Disposition"] = f'inline; filename="Parley.{renderer.format}"'
        answer["Cache-Control"] = f"private, max-age={MAX_AGE_S}"
        return answer


@lru_cache(maxsize=32)
def _body(language: str, form: str) -> bytes:
    renderer = OpenApiYamlRenderer() if form.endswith("yaml") else OpenApiJsonRenderer()
    with translation.override(language):
        # drf-spectacular leaves these two without types.
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]
        document = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
        body: bytes = renderer.render(document, renderer_context={})
        return body
