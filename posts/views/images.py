"""Pictures of posts: whoever may read the post, and nobody else, also not by a guessed address."""

from django.http import FileResponse, Http404, HttpRequest
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts.views.answers import viewer_of
from posts.models import Post, PostImage

# Long enough for scrolling back and forth, short enough that a picture goes when access goes.
CACHE_S = 300


@require_safe
def image(request: HttpRequest, pk: int) -> FileResponse:
    found = PostImage.objects.filter(pk=pk).first()
    if found is None or not Post.objects.visible_to(viewer_of(request)).filter(pk=found.post_id).exists():
        raise Http404("No such picture for this viewer.")
    try:
        response = FileResponse(found.file.open(), content_type="image/webp")
    except OSError as error:
        raise Http404("The file is gone.") from error
    patch_cache_control(response, private=True, max_age=CACHE_S)
    return response
