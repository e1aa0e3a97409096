"""Send the link of something to several people at once: a Space to come into, a post to read."""

from django.contrib import messages as toasts
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.views.responses import is_fragment, me
from config.http.rate_limits import hit, refusal, who_asks
from posts import link_cards
from posts.services import messaging
from posts.views.groups import chosen, picker

WORDS_CHARS = 500
URL_CHARS = 300


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def share(request: HttpRequest) -> HttpResponse:
    """`?url=` is a whole address of this site, or a path on it; Http404 for any other."""
    url = request.POST.get("url", "") or request.GET.get("url", "")
    # "//host/" is an address of another site.
    if url.startswith("/") and not url.startswith("//"):
        url = request.build_absolute_uri(url)
    is_web_address = url.startswith(("http://", "https://")) and len(url) <= URL_CHARS
    if not is_web_address or not link_cards.is_ours(url):
        raise Http404("Only what is on this site is shared from here.")
    if request.method != "POST":
        if is_fragment(request):
            return render(request, "posts/_candidates.html", picker(request))
        return _page(request, url)
    # Not @limited: only sending counts, and only what can be shared.
    if not hit("share", who_asks(request)):
        return refusal(request, "share", who_asks(request))
    words = request.POST.get("words", "")
    if len(words) > WORDS_CHARS:
        message = _("At most %(max)d characters.") % {"max": WORDS_CHARS}
        return _page(request, url, message, status=422)
    try:
        results = messaging.share(me(request), chosen(request), url, words)
    except ValidationError as error:
        return _page(request, url, error.messages[0], status=422)
    count = sum(1 for result in results if result.was_sent)
    if count:
        message = ngettext("Sent to %(n)d person.", "Sent to %(n)d people.", count)
        toasts.success(request, message % {"n": count})
    refused = [f"@{result.person.handle}" for result in results if not result.was_sent]
    if refused:
        message = _("Not sent to %(people)s: they take no messages from you.")
        toasts.error(request, message % {"people": ", ".join(refused)})
    return redirect("posts:messages")


def _page(request: HttpRequest, url: str, message: str = "", status: int = 200) -> HttpResponse:
    context = picker(request)
    context |= {
        "url": url,
        "card": link_cards.resolve([url], me(request)).get(url),
        "words": request.POST.get("words", ""),
        "max": WORDS_CHARS,
        "message": message,
    }
    return render(request, "posts/share.html", context, status=status)
