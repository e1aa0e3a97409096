"""The picture that other sites show for a link to a post: its first one, as all of them read it."""

import io

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from PIL import Image, UnidentifiedImageError

from config import decoding_slots
from config.http.rate_limits import limited
from posts.models import Post, PostImage
from posts.views.pictures import CACHE_S

WIDTH, HEIGHT = 1200, 1200
QUALITY = 82
KEPT_S = 600  # While a link makes its round; for longer it would fill the cache.


@require_safe
@limited("feed")
@cache_control(public=True, max_age=CACHE_S)
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a JPEG, the same for every viewer: what a visitor may see.

    Not WebP, in which the file is: some messengers show nothing for it.
    """
    visible = Post.objects.visible_to(None).filter(pk=pk)
    first = PostImage.objects.filter(post__in=visible, position=0).first()
    if first is None:
        raise Http404("No such picture for a visitor.")
    try:
        # A file of a post never changes; who may see it was asked just now.
        jpeg: bytes | None = cache.get_or_set(
            f"posts:picture:{first.pk}", lambda: _jpeg_of(first), KEPT_S
        )
    except (FileNotFoundError, UnidentifiedImageError) as error:
        raise Http404("The file is gone.") from error
    return HttpResponse(jpeg, content_type="image/jpeg")


def _jpeg_of(image: PostImage) -> bytes:
    """Raises FileNotFoundError, UnidentifiedImageError, and Unavailable while the machine is busy
    with others.
    """
    out = io.BytesIO()
    # Made by `accounts.pictures.reencode`, so it is not hostile, but it may have 12 million pixels.
    with (
        decoding_slots.slot(),
        image.file.open() as file,
        Image.open(file, formats=("WEBP",)) as opened,
    ):
        shown = Image.new("RGB", opened.size, "white")
        shown.paste(opened, mask=opened.convert("RGBA").getchannel("A"))
    shown.thumbnail((WIDTH, HEIGHT))
    shown.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
