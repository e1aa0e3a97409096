"""The Spaces tab: what is live, what comes, what can be heard again, filtered by topic and
language, and searched.
"""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.views.responses import viewer_of
from config.http.rate_limits import limited
from config.limits import LIMITS
from spaces.choices import language_name
from spaces.models import Space, SpaceQuerySet
from spaces.services import discovery, listings, transcripts
from spaces.services.cards import SpaceCard, cards_of
from spaces.services.discovery import Filters

MOST_LIVE = 30
MOST_UPCOMING = 60
MOST_REPLAYS = 30
MOST_FOUND = 30
MOST_TOPICS = 12
NEXT_UP = 5  # Below the live ones.
TABS = ("live", "upcoming", "replays")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "")[: discovery.QUERY_CHARS].replace("\x00", "").strip()
    if query:
        return _search(request, query=query)
    viewer = viewer_of(request)
    tab = request.GET.get("tab", "live")
    tab = tab if tab in TABS else "live"
    filters = Filters(
        request.GET.get("topic", "")[: LIMITS.topic_chars], request.GET.get("language", "")[:8]
    )
    return render(request, "spaces/index.html", _context(viewer, tab, filters))


def _context(viewer: User | None, tab: str, filters: Filters) -> dict[str, object]:
    listed = _listed(viewer, tab)
    most = {"live": NEXT_UP, "upcoming": MOST_UPCOMING}.get(tab, 0)
    return {
        "tab": tab,
        "filters": filters,
        "topics": discovery.topics_of(listed, MOST_TOPICS),
        "languages": _languages(listed),
        "live_count": listings.live_for(viewer).count(),
        "live": cards_of(discovery.live(viewer, filters, MOST_LIVE)) if tab == "live" else [],
        "replays": cards_of(discovery.replays(viewer, filters, MOST_REPLAYS), viewer)
        if tab == "replays"
        else [],
        "days": _days(cards_of(list(_upcoming(viewer, filters)[:most]), viewer)) if most else [],
        "mine": _next_of(viewer),
    }


@limited("search")
def _search(request: HttpRequest, *, query: str) -> HttpResponse:
    viewer = viewer_of(request)
    found = cards_of(discovery.search(query, viewer, MOST_FOUND), viewer)
    said = transcripts.search(query, viewer, MOST_FOUND)
    context = {"query": query, "cards": found, "said": said, "mine": _next_of(viewer)}
    return render(request, "spaces/found.html", context)


def _listed(viewer: User | None, tab: str) -> SpaceQuerySet:
    """Return everything the tab could show this viewer: filters offer only what finds something."""
    if tab == "replays":
        return listings.replays_for(viewer)
    return listings.live_for(viewer) | listings.upcoming_for(viewer)


def _upcoming(viewer: User | None, filters: Filters) -> SpaceQuerySet:
    spaces = filters.apply(listings.upcoming_for(viewer)).with_people()
    return spaces.order_by("scheduled_for", "id")


def _days(cards: Iterable[SpaceCard]) -> list[tuple[date, list[SpaceCard]]]:
    """Group by the day in the viewer's zone."""
    return [(day, list(group)) for day, group in groupby(cards, key=_day_of)]


def _day_of(card: SpaceCard) -> date:
    return timezone.localtime(card.space.scheduled_for).date()


def _languages(listed: SpaceQuerySet) -> list[tuple[str, str]]:
    codes = listed.order_by("language").values_list("language", flat=True).distinct()
    return [(code, language_name(code)) for code in codes]


def _next_of(viewer: User | None) -> SpaceCard | None:
    """Return the viewer's own next Space, for the side of the page."""
    if viewer is None:
        return None
    mine = Space.objects.upcoming().filter(host=viewer).with_people().order_by("scheduled_for")[:1]
    return next(iter(cards_of(list(mine), viewer)), None)
