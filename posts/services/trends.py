"""Trends: the hashtags that most users used in the last day, counted once a minute."""

from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Min
from django.utils import timezone

from accounts.models.user import not_away
from posts.models import Hashtag, Trend

HOURS = 24
KEPT = 20
CACHE_S = 30
_KEY = "posts:trends"
_CACHED = ("rank", "name", "shown", "use_count", "people_count")


def newest(limit: int = 4) -> list[Trend]:
    """Return the first of what was counted last; nothing until it has been counted once."""
    known: list[dict[str, Any]] | None = cache.get(_KEY)  # Any: of strings and numbers.
    if known is None:
        known = list(Trend.objects.values(*_CACHED))
        cache.set(_KEY, known, CACHE_S)
    return [Trend(**row) for row in known[:limit]]


def count() -> int:
    """Count anew and put it in place of the old; returns how many trends there are."""
    since = timezone.now() - timedelta(hours=HOURS)
    uses = Hashtag.objects.filter(
        not_away("post__author"), created_at__gte=since, post__author__is_protected=False
    )
    counted = uses.values("name").annotate(
        people=Count("post__author", distinct=True),
        uses=Count("id"),
        # Capitals sort before small letters, so a tag that anybody wrote with capitals has them.
        spelled=Min("shown"),
    )
    most_used = counted.order_by("-people", "-uses", "name")[:KEPT]
    trends = [
        Trend(
            rank=rank,
            name=row["name"],
            shown=row["spelled"] or row["name"],
            use_count=row["uses"],
            people_count=row["people"],
        )
        for rank, row in enumerate(most_used, start=1)
    ]
    # In one step: a page drawn between the two would show no trends.
    with transaction.atomic():
        Trend.objects.all().delete()
        Trend.objects.bulk_create(trends)
    cache.delete(_KEY)
    return len(trends)
