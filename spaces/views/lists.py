"""The Spaces tab: what is live, what comes, filtered by topic and language."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Follow, User
from accounts.views.answers import viewer_of
from spaces.choices import language_name
from spaces.models import Space, SpaceQuerySet, Topic
from spaces.services.cards import SpaceCard, cards_of

MOST_LIVE = 30
MOST_UPCOMING = 60
MOST_TOPICS = 12
TABS = ("live", "upcoming")


@dataclass(frozen=True)
class Filters:
    """What the viewer chose; "" is everything. A value that no Space has simply finds none."""

    topic: str
    language: str

    def apply(self, spaces: SpaceQuerySet) -> SpaceQuerySet:
        if self.topic:
            spaces = spaces.filter(topics__key=self.topic)
        return spaces.filter(language=self.language) if self.language else spaces


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    tab = request.GET.get("tab", "live")
    tab = tab if tab in TABS else "live"
    filters = Filters(request.GET.get("topic", "")[:30], request.GET.get("language", "")[:8])
    listed = _listed(viewer)
    context = {
        "tab": tab,
        "filters": filters,
        "topics": _topics(listed),
        "languages": _languages(listed),
        "live_count": Space.objects.visible_to(viewer).live().listed().count(),
        "live": cards_of(_live(viewer, filters)) if tab == "live" else [],
        "days": _days(
            _upcoming(viewer, filters)[:MOST_UPCOMING] if tab == "upcoming" else _upcoming(viewer, filters)[:5]
        ),
        "mine": _next_of(viewer),
    }
    return render(request, "spaces/index.html", context)


def _listed(viewer: User | None) -> SpaceQuerySet:
    """Return everything the tab could show this viewer: filters offer only what finds something."""
    seen: SpaceQuerySet = Space.objects.visible_to(viewer)
    return seen.live().listed() | seen.upcoming()


def _live(viewer: User | None, filters: Filters) -> list[Space]:
    """Return the live rooms, those of people the viewer follows first."""
    spaces = filters.apply(Space.objects.visible_to(viewer).live().listed()).with_people()
    if viewer is None:
        return list(spaces.order_by("-started_at")[:MOST_LIVE])
    followed = Follow.objects.filter(follower=viewer, followed=OuterRef("host"))
    return list(spaces.annotate(is_followed=Exists(followed)).order_by("-is_followed", "-started_at")[:MOST_LIVE])


def _upcoming(viewer: User | None, filters: Filters) -> QuerySet[Space]:
    spaces = filters.apply(Space.objects.visible_to(viewer).upcoming()).with_people()
    return spaces.order_by("scheduled_for", "id")


def _days(spaces: QuerySet[Space]) -> list[tuple[date, list[Space]]]:
    """Group by the day in the viewer's zone."""
    return [(day, list(group)) for day, group in groupby(spaces, key=_day_of)]


def _day_of(space: Space) -> date:
    return timezone.localtime(space.scheduled_for).date()


def _topics(listed: SpaceQuerySet) -> list[Topic]:
    return list(Topic.objects.filter(spaces__in=listed.values("pk")).distinct()[:MOST_TOPICS])


def _languages(listed: SpaceQuerySet) -> list[tuple[str, str]]:
    codes = listed.order_by("language").values_list("language", flat=True).distinct()
    return [(code, language_name(code)) for code in codes]


def _next_of(viewer: User | None) -> SpaceCard | None:
    """Return the viewer's own next Space, for the side of the page."""
    if viewer is None:
        return None
    mine = Space.objects.upcoming().filter(host=viewer).with_people().order_by("scheduled_for")[:1]
    return next(iter(cards_of(list(mine))), None)
