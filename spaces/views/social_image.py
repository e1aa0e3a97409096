"""The picture that other sites show for a link to a Space."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from config.http.rate_limits import limited
from spaces.services import social_image
from spaces.views.access import find_space

HOUR_S = 3600  # The address has a version, so what has changed is another picture.


@require_safe
@limited("feed")
@cache_control(public=True, max_age=HOUR_S)
def picture(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return the same picture for every viewer: what a visitor may see."""
    space = find_space(public_id, None)
    if space is None:
        raise Http404("No such Space for a visitor.")
    return HttpResponse(social_image.png_of(space), content_type="image/png")
