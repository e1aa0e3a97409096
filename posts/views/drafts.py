"""Drafts: saved from the composer, listed, deleted. Nobody but the author ever sees one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.token_access import readable_with_token
from accounts.views.responses import empty, is_fragment, me, with_toast
from config.http.rate_limits import limited
from posts.models import DraftImage
from posts.services import drafts
from posts.views.composer import fields_in, media_in, number
from posts.views.pictures import picture_response
from posts.views.post import post_or_404, quoted_in, refused


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    rows = [(draft, drafts.fields_of(draft)) for draft in drafts.of(me(request))]
    return render(request, "posts/drafts.html", {"rows": rows})


@require_POST
@login_required
@limited("post")
def save(request: HttpRequest) -> HttpResponse:
    """Save what the composer holds; `?reply_to=` is the post that it answers."""
    answered = number(request.GET.get("reply_to", ""))
    reply_to = post_or_404(request, answered) if answered else None
    fields = fields_in(request)
    try:
        drafts.save(
            me(request),
            fields,
            media=media_in(request),
            draft_id=number(request.POST.get("draft", "")),
            reply_to=reply_to,
            quote_of=quoted_in(request),
        )
    except ValidationError as error:
        return refused(request, error.messages[0], fields, reply_to)
    done = _("Kept in your drafts.")
    if is_fragment(request):
        return with_toast(empty(), done)
    messages.success(request, done)
    return redirect("posts:drafts")


@readable_with_token
@require_safe
@login_required
def image(request: HttpRequest, pk: int) -> FileResponse:
    """A picture of a draft, for its author alone."""
    image = DraftImage.objects.filter(pk=pk, draft__author=me(request)).first()
    if image is None:
        raise Http404("No such picture of the viewer.")
    return picture_response(image.file)


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    if not drafts.delete(me(request), pk):
        raise Http404("No such draft of the viewer.")
    if is_fragment(request):
        return with_toast(empty(), _("Draft deleted."))
    return redirect("posts:drafts")
