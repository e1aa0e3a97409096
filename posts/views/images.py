"""Pictures of posts, for those who may read the post, also when the address is guessed."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.token_access import readable_with_token
from accounts.views.responses import viewer_of
from posts.models import Post, PostImage
from posts.views.pictures import asked_for


@readable_with_token
@require_safe
def image(request: HttpRequest, pk: int) -> HttpResponseBase:
    visible = Post.objects.visible_to(viewer_of(request))
    image = PostImage.objects.filter(pk=pk, post__in=visible).first()
    if image is None:
        raise Http404("No such picture for this viewer.")
    return asked_for(request, image)
