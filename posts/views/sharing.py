"""Send the link of something to several people at once: a Space to come into, a post to read."""

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.views.responses import is_fragment, me
from config.http.rate_limits import limited
from posts import link_cards
from posts.services import messaging
from posts.services.messaging import ShareResult
from posts.views.groups import chosen, picker

WORDS_CHARS = 500
URL_CHARS = 300


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def share(request: HttpRequest) -> HttpResponse:
    """`?url=` is a whole address of this site, or a path on it."""
    url = _address(request)
    if request.method == "POST":
        return _share(request, url)
    if is_fragment(request):
        return render(request, "posts/_candidates.html", picker(request))
    return _page(request, url)


def _address(request: HttpRequest) -> str:
    raw = request.POST.get("url", "") or request.GET.get("url", "")
    url = (
        request.build_absolute_uri(raw) if raw.startswith("/") and not raw.startswith("//") else raw
    )
    try:
        is_ours = (
            url.startswith(("http://", "https://"))
            and len(url) <= URL_CHARS
            and link_cards.is_ours(url)
        )
    except ValueError:
        is_ours = False
    if not is_ours:
        raise Http404("Only what is on this site is shared from here.")
    return url


def _page(request: HttpRequest, url: str, message: str = "", status: int = 200) -> HttpResponse:
    card = link_cards.resolve([url], me(request)).get(url)
    context = {"url": url, "card": card, "words": request.POST.get("words", ""), "max": WORDS_CHARS}
    return render(
        request, "posts/share.html", context | picker(request) | {"message": message}, status=status
    )


@limited("share")
def _share(request: HttpRequest, url: str) -> HttpResponse:
    words = request.POST.get("words", "")
    if len(words) > WORDS_CHARS:
        return _page(
            request, url, _("At most %(max)d characters.") % {"max": WORDS_CHARS}, status=422
        )
    try:
        results = messaging.share(me(request), chosen(request), url, words)
    except ValidationError as error:
        return _page(request, url, error.messages[0], status=422)
    _say(request, results)
    return redirect("posts:messages")


def _say(request: HttpRequest, results: list[ShareResult]) -> None:
    sent = [one for one in results if one.was_sent]
    refused = ", ".join(f"@{one.person.handle}" for one in results if not one.was_sent)
    if sent:
        said = ngettext("Sent to %(n)d person.", "Sent to %(n)d people.", len(sent)) % {
            "n": len(sent)
        }
        notes.success(request, said)
    if refused:
        notes.error(
            request,
            _("Not sent to %(people)s: they take no messages from you.") % {"people": refused},
        )
