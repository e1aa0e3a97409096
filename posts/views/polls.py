"""A poll: voted in, and asked for again while a page shows it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.views.responses import is_fragment, me, viewer_of
from config.http.rate_limits import limited
from posts.models import Post
from posts.services import polls
from posts.views.composer import number
from posts.views.post import post_or_404


@require_safe
def poll(request: HttpRequest, pk: int) -> HttpResponse:
    return _render(request, post_or_404(request, pk))


@require_POST
@login_required
@limited("mark")
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Count a vote; one that does not count is answered with the poll as it is, and why."""
    post = post_or_404(request, pk)
    position = number(request.POST.get("option", ""))
    # No option has the position -1: what is no number is refused as unknown.
    try:
        polls.vote(me(request), post, -1 if position is None else position)
    except ValidationError as error:
        return _render(request, post, message=error.messages[0], status=422)
    return _render(request, post) if is_fragment(request) else redirect(post)


def _render(request: HttpRequest, post: Post, message: str = "", status: int = 200) -> HttpResponse:
    result = polls.result_of(post, viewer_of(request))
    if result is None:
        raise Http404("No poll in this post.")
    return render(request, "posts/_poll.html", {"poll": result, "message": message}, status=status)
