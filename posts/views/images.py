"""Pictures of posts: whoever may read the post, and nobody else, also not by a guessed address."""

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from accounts.views.responses import viewer_of
from posts.models import Post, PostImage
from posts.views.pictures import picture


@require_safe
def image(request: HttpRequest, pk: int) -> FileResponse:
    found = PostImage.objects.filter(pk=pk).first()
    if (
        found is None
        or not Post.objects.visible_to(viewer_of(request)).filter(pk=found.post_id).exists()
    ):
        raise Http404("No such picture for this viewer.")
    return picture(found.file)
