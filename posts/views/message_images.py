"""Pictures in messages: for who is in the conversation now and may read the message, also not by a guessed address."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts.views.answers import me
from posts.models import Message, MessageImage

CACHE_S = 300  # As for pictures of posts: for scrolling back and forth.


@require_safe
@login_required
def image(request: HttpRequest, pk: int) -> FileResponse:
    found = MessageImage.objects.filter(pk=pk).first()
    if found is None or not Message.objects.visible_to(me(request)).filter(pk=found.message_id).exists():
        raise Http404("No such picture for this viewer.")
    try:
        response = FileResponse(found.file.open(), content_type="image/webp")
    except OSError as error:
        raise Http404("The file is gone.") from error
    patch_cache_control(response, private=True, max_age=CACHE_S)
    return response
