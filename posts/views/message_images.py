"""Pictures in messages, for members who may read the message, also when the address is guessed."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.token_access import readable_with_token
from accounts.views.responses import me
from posts.models import Message, MessageImage
from posts.views.pictures import asked_for


@readable_with_token
@require_safe
@login_required
def image(request: HttpRequest, pk: int) -> HttpResponseBase:
    visible = Message.objects.visible_to(me(request))
    image = MessageImage.objects.filter(pk=pk, message__in=visible).first()
    if image is None:
        raise Http404("No such picture for this viewer.")
    return asked_for(request, image)
