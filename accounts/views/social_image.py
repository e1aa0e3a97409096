"""The picture that other sites show for a link to a profile."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.services import social_image
from config.http.rate_limits import limited

HOUR_S = 3600  # The address has a version, so what has changed is another picture.


@require_safe
@limited("feed")
@cache_control(public=True, max_age=HOUR_S)
def picture(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the same picture for every viewer: what a visitor may see."""
    person = User.objects.visible_to(None).by_handle(handle).first()
    if person is None:
        raise Http404("No such person for a visitor.")
    return HttpResponse(social_image.png_of(person), content_type="image/png")
