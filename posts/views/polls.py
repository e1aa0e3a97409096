"""A poll: voted in, and asked again while a page shows it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.views.responses import is_fragment, me, viewer_of
from config.http.rate_limits import limited
from posts.models import Post
from posts.services import polls
from posts.views.post import post_or_404


@require_safe
def poll(request: HttpRequest, pk: int) -> HttpResponse:
    return _drawn(request, post_or_404(request, pk))


@require_POST
@login_required
@limited("mark")
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Count a vote; one that does not count is answered with the poll as it is, and why."""
    post, raw = post_or_404(request, pk), request.POST.get("option", "")
    try:
        polls.vote(me(request), post, int(raw) if raw.isdecimal() and len(raw) < 3 else -1)
    except ValidationError as error:
        return _drawn(request, post, message=error.messages[0], status=422)
    return _drawn(request, post) if is_fragment(request) else redirect(post)


def _drawn(request: HttpRequest, post: Post, message: str = "", status: int = 200) -> HttpResponse:
    view = polls.result_of(post, viewer_of(request))
    if view is None:
        raise Http404("No poll in this post.")
    return render(request, "posts/_poll.html", {"poll": view, "message": message}, status=status)
