"""Pictures in messages: for who is in the conversation now and may read the message, also not by a
guessed address.
"""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from accounts.views.responses import me
from posts.models import Message, MessageImage
from posts.views.pictures import picture


@require_safe
@login_required
def image(request: HttpRequest, pk: int) -> FileResponse:
    found = MessageImage.objects.filter(pk=pk).first()
    if (
        found is None
        or not Message.objects.visible_to(me(request)).filter(pk=found.message_id).exists()
    ):
        raise Http404("No such picture for this viewer.")
    return picture(found.file)
