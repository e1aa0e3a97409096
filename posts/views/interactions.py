"""Like, repost and bookmark: `on` = 1 or 0. They work as plain forms, too."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.views.responses import back_to, is_fragment, me
from config.http.rate_limits import limited
from posts.models import Post
from posts.services import interactions
from posts.services.presented_post import present_one
from posts.views.post import post_or_404

Verb = Callable[[User, Post], None]
# How to do it, and how to take it back.
VERBS: dict[str, tuple[Verb, Verb]] = {
    "like": (interactions.like, interactions.unlike),
    "repost": (interactions.repost, interactions.unrepost),
    "bookmark": (interactions.bookmark, interactions.unbookmark),
}


@require_POST
@login_required
@limited("mark")
def interact(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    viewer = me(request)
    post = post_or_404(request, pk)
    turn_on, turn_off = VERBS[what]
    apply = turn_on if request.POST.get("on") == "1" else turn_off
    try:
        apply(viewer, post)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    if not is_fragment(request):
        return redirect(back_to(request, post.get_absolute_url()))
    # Read again, with the counters as they are now.
    view = present_one(post_or_404(request, pk), viewer)
    return render(request, "posts/_switch.html", {"what": what, "view": view})
