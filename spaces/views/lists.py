"""The Spaces tab: what is live, what comes, what can be heard again.

Each is filtered by topic and language; all of it can be searched.
"""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.views.responses import viewer_of
from config.db import full_text
from config.http.rate_limits import limited
from config.limits import LIMITS
from config.text import line
from spaces.choices import language_name
from spaces.services import discovery, transcripts
from spaces.services.cards import SpaceCard, cards_of
from spaces.services.discovery import Filters

MOST_LIVE = 30
MOST_REPLAYS = 30
MOST_FOUND = 30
MOST_TOPICS = 12
LANGUAGE_CHARS = 8  # As the column of Space.
TABS = ("live", "upcoming", "replays")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    query = line(request.GET.get("q", ""))[: full_text.QUERY_CHARS]
    if query:
        return _search(request, query=query)
    viewer = viewer_of(request)
    tab = request.GET.get("tab", "live")
    if tab not in TABS:
        tab = "live"
    filters = Filters(
        topic=request.GET.get("topic", "")[: LIMITS.topic_chars],
        language=request.GET.get("language", "")[:LANGUAGE_CHARS],
    )
    is_of_replays = tab == "replays"
    live: list[SpaceCard] = []
    replays: list[SpaceCard] = []
    ahead: list[SpaceCard] = []
    if tab == "live":
        # Without the viewer: nothing on a live card is their own.
        live = cards_of(discovery.live(viewer, filters, MOST_LIVE))
        # A quiet evening has no live rooms, so the tab always shows what comes next too.
        ahead = cards_of(discovery.next_up(viewer, filters), viewer)
    elif tab == "upcoming":
        ahead = cards_of(discovery.upcoming(viewer, filters), viewer)
    else:
        replays = cards_of(discovery.replays(viewer, filters, MOST_REPLAYS), viewer)
    # Days of the viewer's zone.
    by_day = groupby(ahead, key=lambda card: timezone.localtime(card.space.scheduled_for).date())
    context = {
        "tab": tab,
        "filters": filters,
        "topics": discovery.topics_of(viewer, is_of_replays)[:MOST_TOPICS],
        "languages": [
            (code, language_name(code)) for code in discovery.languages_of(viewer, is_of_replays)
        ],
        # Without the filters: it stands at the tab, which leads to all of them.
        "live_count": discovery.live_count(viewer),
        "live": live,
        "replays": replays,
        "days": [(day, list(cards)) for day, cards in by_day],
        "mine": _next_of(viewer),
    }
    return render(request, "spaces/index.html", context)


# Apart from `index`, so that only searches count.
@limited("search")
def _search(request: HttpRequest, *, query: str) -> HttpResponse:
    viewer = viewer_of(request)
    context = {
        "query": query,
        "cards": cards_of(discovery.search(query, viewer, MOST_FOUND), viewer),
        "said": transcripts.search(query, viewer, MOST_FOUND),
        "mine": _next_of(viewer),
    }
    return render(request, "spaces/found.html", context)


def _next_of(viewer: User | None) -> SpaceCard | None:
    """Return the viewer's own next Space, for the side of the page."""
    if viewer is None:
        return None
    cards = cards_of(discovery.next_of_own(viewer), viewer)
    return cards[0] if cards else None
