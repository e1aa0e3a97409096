"""One post: its page, writing, answering, deleting."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import pictures
from accounts.forms import picture_of
from accounts.models import User
from accounts.views.answers import empty, is_fragment, viewer_of, with_toast, with_visit
from config.limits import LIMITS
from config.rates import limited
from posts.models import Post
from posts.services import posting, threads
from posts.services.presenting import present_one


def post_or_404(request: HttpRequest, pk: int) -> Post:
    """Return the post if the viewer may read it; of a repost, the original. Raises Http404, whatever the reason."""
    post = threads.find(pk, viewer_of(request))
    if post is None:
        raise Http404("No such post for this viewer.")
    return post


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    post = post_or_404(request, pk)
    if post.pk != pk:
        return redirect(post)
    thread = threads.thread_of(post, viewer_of(request))
    return render(request, "posts/post.html", {"thread": thread})


@require_safe
@login_required
def compose(request: HttpRequest) -> HttpResponse:
    """The composer as a page of its own; `?text=` fills it in, for share buttons, `?quote=` puts a post inside."""
    quote = request.GET.get("quote", "")
    quoted = post_or_404(request, int(quote)) if quote.isdecimal() and len(quote) < 19 else None
    return render(request, "posts/compose.html", {"text": request.GET.get("text", "")[:500], "quoted": quoted})


@require_http_methods(["POST"])
@login_required
@limited("post", "post_day")
def publish(request: HttpRequest) -> HttpResponse:
    return _publish(request, None)


@require_http_methods(["POST"])
@login_required
@limited("post", "post_day")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    return _publish(request, post_or_404(request, pk))


def _publish(request: HttpRequest, reply_to: Post | None) -> HttpResponse:
    author = _author(request)
    text = request.POST.get("text", "")
    quoted = _quoted(request)
    try:
        post = posting.publish(author, text, reply_to=reply_to, quote_of=quoted, images=_pictures(request))
    except ValidationError as error:
        return _refused(request, error.messages[0], text=text, reply_to=reply_to, quoted=quoted)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    if is_fragment(request):
        view = present_one(post, author)
        return render(request, "posts/_post.html", {"view": view, "is_new": True, "in_thread": reply_to is not None})
    return redirect(reply_to or "posts:home")


def _author(request: HttpRequest) -> User:
    author = viewer_of(request)
    if author is None:
        raise PermissionDenied
    return author


def _quoted(request: HttpRequest) -> Post | None:
    raw = request.POST.get("quote", "")
    return post_or_404(request, int(raw)) if raw.isdecimal() and len(raw) < 19 else None


def _pictures(request: HttpRequest) -> list[posting.Picture]:
    """Read the uploads, each with the words at its place. Raises ValidationError with a sentence."""
    uploads, alts = request.FILES.getlist("images"), request.POST.getlist("alt")
    if len(uploads) > LIMITS.post_images:
        message = _("A post has at most %(max)d pictures.") % {"max": LIMITS.post_images}
        raise ValidationError(message, code="too_many")
    alts += [""] * len(uploads)
    return [posting.Picture(_reencoded(upload), alt) for upload, alt in zip(uploads, alts, strict=False)]


def _reencoded(upload: UploadedFile[Any]) -> bytes:  # Any: the stubs ask for it.
    webp = picture_of(upload, pictures.PHOTO)
    if webp is None:
        raise ValidationError(_("That picture is empty."), code="empty")
    return webp


def _refused(request: HttpRequest, message: str, **context: object) -> HttpResponse:
    """Say why beside the composer; what was typed stays in it."""
    if is_fragment(request):
        response = render(request, "posts/_composer_error.html", {"message": message}, status=422)
        response["HX-Retarget"] = "find .composer__error"
        response["HX-Reswap"] = "innerHTML"
        return response
    return render(request, "posts/compose.html", {"message": message, **context}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own words for half an hour; later, and for others' posts, there is no such page."""
    author, post = _author(request), post_or_404(request, pk)
    if not posting.may_edit(author, post):
        raise Http404("Not theirs, or too late.")
    if request.method != "POST":
        return render(request, "posts/edit.html", {"post": post, "text": post.text})
    text = request.POST.get("text", "")
    try:
        posting.edit(author, post, text)
    except ValidationError as error:
        context = {"post": post, "text": text, "message": error.messages[0]}
        return render(request, "posts/edit.html", context, status=422)
    messages.success(request, _("Your post is changed."))
    return redirect(post)


@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """What the post said before; for everybody who may read it."""
    post = post_or_404(request, pk)
    if post.edited_at is None:
        raise Http404("Never edited.")
    return render(request, "posts/history.html", {"post": post, "versions": post.versions.all()})


@require_http_methods(["POST"])
@login_required
def detach(request: HttpRequest, pk: int) -> HttpResponse:
    post = post_or_404(request, pk)
    try:
        posting.detach(_author(request), post)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    said = _("Your post is taken out of the quote.")
    if is_fragment(request):
        return with_visit(
            with_toast(empty(), said), request.headers.get("HX-Current-URL", "") or post.get_absolute_url()
        )
    messages.success(request, said)
    return redirect(post)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks, POST deletes. Of somebody else's post the answer is the same as of none."""
    author = _author(request)
    post = Post.objects.filter(author=author, repost_of=None, pk=pk).first()
    if post is None:
        raise Http404("No such post of the viewer.")
    if request.method != "POST":
        return render(request, "posts/delete.html", {"view": present_one(post, author)})
    url = post.get_absolute_url()
    posting.delete(author, post)
    if not is_fragment(request):
        messages.success(request, _("Post deleted."))
        return redirect("posts:home")
    response = with_toast(empty(), _("Post deleted."))
    if url in request.headers.get("HX-Current-URL", ""):
        with_visit(response, "/")
    return response
