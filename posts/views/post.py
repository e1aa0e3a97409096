"""One post: its page, writing, answering, deleting."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.views.answers import empty, is_fragment, viewer_of, with_toast, with_visit
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
    """The composer as a page of its own; `?text=` fills it in, for share buttons."""
    return render(request, "posts/compose.html", {"text": request.GET.get("text", "")[:500]})


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
    try:
        post = posting.publish(author, text, reply_to=reply_to)
    except ValidationError as error:
        return _refused(request, error.messages[0], text, reply_to)
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


def _refused(request: HttpRequest, message: str, text: str, reply_to: Post | None) -> HttpResponse:
    """Say why beside the composer; what was typed stays in it."""
    if is_fragment(request):
        response = render(request, "posts/_composer_error.html", {"message": message}, status=422)
        response["HX-Retarget"] = "find .composer__error"
        response["HX-Reswap"] = "innerHTML"
        return response
    context = {"text": text, "message": message, "reply_to": reply_to}
    return render(request, "posts/compose.html", context, status=422)


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
