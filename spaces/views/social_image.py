"""What other sites are shown of a link to a Space: a picture, for the description that its page
carries.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from config.http.rate_limits import limited
from spaces.services import social_image
from spaces.views.access import find_space

HOUR_S = 3600


@require_safe
@limited("feed")
@cache_control(public=True, max_age=HOUR_S)
def poster(request: HttpRequest, public_id: str) -> HttpResponse:
    """The picture, for everybody alike: whoever looks, it shows what a visitor may see."""
    space = find_space(public_id, None)
    if space is None:
        raise Http404("No such Space for a visitor.")
    return HttpResponse(social_image.png_of(space), content_type="image/png")
