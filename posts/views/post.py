"""One post: its page, writing, replying, editing, deleting."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views.responses import empty, is_fragment, me, viewer_of, with_toast, with_visit
from config.http.rate_limits import limited
from posts.models import Post
from posts.services import composing, drafts, posting, replies, threads
from posts.services.drafts import ComposerFields
from posts.services.presented_post import present, present_one
from posts.services.timelines import Cursor
from posts.views.composer import composed, fields_in, number

GIVEN_TEXT_CHARS = 500  # What an address may put into the composer.


def post_or_404(request: HttpRequest, pk: int) -> Post:
    """Return the post if the viewer may read it; of a repost, the original.

    Raises Http404, whatever the reason.
    """
    post = threads.find(pk, viewer_of(request))
    if post is None:
        raise Http404("No such post for this viewer.")
    return post


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    post = post_or_404(request, pk)
    # Of a repost: the page is that of the original.
    if post.pk != pk:
        return redirect(post)
    viewer = viewer_of(request)
    if "menu" in request.GET and is_fragment(request):
        return render(request, "posts/_menu.html", {"view": present_one(post, viewer)})
    after = Cursor.parse(request.GET.get("after", ""))
    if after and is_fragment(request):
        answers, further = threads.answers_after(post, viewer, after)
        return render(request, "posts/_answers_page.html", {"answers": answers, "next": further})
    thread = threads.thread_of(post, viewer)
    context = {
        "thread": thread,
        "rule": replies.rule_of(post),
        "may_reply": replies.may_reply(viewer, post),
    }
    return render(request, "posts/post.html", context)


@require_safe
@login_required
def compose(request: HttpRequest) -> HttpResponse:
    """The composer as a page of its own.

    `?text=` fills it in, for share buttons; `?quote=` puts a post inside; `?draft=` takes up a
    draft again.
    """
    if "recorder" in request.GET and is_fragment(request):
        return render(request, "posts/_voice_recorder_parts.html")
    draft_id = number(request.GET.get("draft", ""))
    if draft_id is None:
        quote = number(request.GET.get("quote", ""))
        quoted = post_or_404(request, quote) if quote else None
        text = request.GET.get("text", "")[:GIVEN_TEXT_CHARS]
        return render(request, "posts/compose.html", {"text": text, "quoted": quoted})
    author = me(request)
    draft = drafts.find(author, draft_id)
    if draft is None:
        raise Http404("No such draft of the viewer.")
    fields = drafts.fields_of(draft)
    context = {
        "draft": draft,
        "fields": fields,
        "text": fields.texts[0],
        # Both may be hidden from the author by now; then it becomes a plain post.
        "reply_to": threads.find(draft.reply_to_id, author) if draft.reply_to_id else None,
        "quoted": threads.find(draft.quote_of_id, author) if draft.quote_of_id else None,
    }
    return render(request, "posts/compose.html", context)


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
    author = me(request)
    try:
        posts = composing.publish(author, composed(request, reply_to, quoted_in(request)))
    except ValidationError as error:
        return refused(request, error.messages[0], fields_in(request), reply_to)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    if not is_fragment(request):
        return redirect(reply_to or "posts:home")
    # A feed gets them newest first. Under a post only the one that answers it has a place.
    shown = posts[:1] if reply_to else posts[::-1]
    context = {"views": present(shown, author), "in_thread": reply_to is not None}
    return render(request, "posts/_new_entries.html", context)


def quoted_in(request: HttpRequest) -> Post | None:
    pk = number(request.POST.get("quote", ""))
    return post_or_404(request, pk) if pk else None


def refused(
    request: HttpRequest, message: str, fields: ComposerFields, reply_to: Post | None
) -> HttpResponse:
    """Say why beside the composer; what was typed stays in it."""
    if is_fragment(request):
        response = render(request, "posts/_composer_error.html", {"message": message}, status=422)
        composer = "#reply" if reply_to else "#composer"
        response["HX-Retarget"] = f"{composer} .composer__error"
        response["HX-Reswap"] = "innerHTML"
        return response
    draft_id = number(request.POST.get("draft", ""))
    context = {
        "message": message,
        "fields": fields,
        "text": fields.texts[0],
        "reply_to": reply_to,
        "draft": drafts.find(me(request), draft_id) if draft_id else None,
        "quoted": quoted_in(request),
    }
    return render(request, "posts/compose.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit one's own post, for a time; after that, and of others' posts, there is no such page."""
    author = me(request)
    post = post_or_404(request, pk)
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
        posting.detach(me(request), post)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    done = _("Your post is taken out of the quote.")
    if is_fragment(request):
        here = request.headers.get("HX-Current-URL", "") or post.get_absolute_url()
        return with_visit(with_toast(empty(), done), here)
    messages.success(request, done)
    return redirect(post)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks, POST deletes. The answer is the same for somebody else's post and for none."""
    author = me(request)
    # A repost is not deleted here; its switch takes it back.
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
    if url in request.headers.get("HX-Current-URL", ""):  # The page of a post that is gone.
        with_visit(response, "/")
    return response
