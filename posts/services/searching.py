"""Find people and posts by words; count what is being talked about."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Case, Count, IntegerField, Min, Q, Value, When
from django.utils import timezone

from accounts.models import Follow, User
from posts.models import Hashtag, Post
from posts.services.timelines import Cursor, Page, page_of

QUERY_CHARS = 100
WORDS = 6  # Further words are ignored: each is one more condition for the database.
TREND_HOURS = 24
TREND_CACHE_S = 60


@dataclass(frozen=True)
class Trend:
    name: str
    count: int


def words(query: str) -> list[str]:
    return query[:QUERY_CHARS].split()[:WORDS]


def people(query: str, viewer: User | None, limit: int = 20) -> list[User]:
    """People whose handle or name has every word; who is called exactly so comes first, then who begins so."""
    found = User.objects.visible_to(viewer)
    terms = [word.lstrip("@") for word in words(query) if word.lstrip("@")]
    if not terms:
        return []
    for term in terms:
        found = found.filter(Q(handle__icontains=term) | Q(display_name__icontains=term))
    rank = Case(
        When(handle__iexact=terms[0], then=Value(0)),
        When(handle__istartswith=terms[0], then=Value(1)),
        When(display_name__istartswith=terms[0], then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return list(found.order_by(rank, "handle")[:limit])


def posts(query: str, viewer: User | None, after: Cursor | None = None) -> Page:
    """Posts that hold every word, newest first."""
    found = Post.objects.filter(repost_of=None).visible_to(viewer)
    terms = words(query)
    if not terms:
        found = found.none()
    for term in terms:
        found = found.filter(text__icontains=term)
    return page_of(found, viewer, after)


def trends(limit: int = 4) -> list[Trend]:
    """The hashtags used by most different people in the last day; counted once a minute for everybody."""
    known: list[Trend] | None = cache.get("posts:trends")
    if known is None:
        known = _count_trends(20)
        cache.set("posts:trends", known, TREND_CACHE_S)
    return known[:limit]


def _count_trends(limit: int) -> list[Trend]:
    since = timezone.now() - timedelta(hours=TREND_HOURS)
    uses = Hashtag.objects.filter(created_at__gte=since, post__author__is_active=True, post__author__is_protected=False)
    spelled = Min("shown")  # Capitals sort before small letters, so a tag that anybody wrote with capitals has them.
    rows = uses.values("name").annotate(people=Count("post__author", distinct=True), uses=Count("id"), spelled=spelled)
    rows = rows.order_by("-people", "-uses", "name")
    return [Trend(row["spelled"] or row["name"], row["uses"]) for row in rows[:limit]]


def people_to_meet(viewer: User, limit: int = 3) -> list[User]:
    """Whom the viewer's people follow and the viewer does not; newcomers where that gives too few.

    Who it is stays the same for a minute, so that the list does not jump from page to page.
    """
    key = f"posts:meet:{viewer.pk}"
    ids: list[int] | None = cache.get(key)
    if ids is None:
        ids = _strangers(viewer, limit * 4)
        cache.set(key, ids, TREND_CACHE_S)
    known = User.objects.visible_to(viewer).exclude(follows_received__follower=viewer).in_bulk(ids)
    return [known[pk] for pk in ids if pk in known][:limit]


def _strangers(viewer: User, limit: int) -> list[int]:
    followed = Follow.objects.filter(follower=viewer).values("followed")
    second_hand = Follow.objects.filter(follower__in=followed).exclude(followed__in=followed).exclude(followed=viewer)
    shared = second_hand.values("followed").annotate(n=Count("id")).order_by("-n", "followed")
    ids = [row["followed"] for row in shared[:limit]]
    if len(ids) < limit:
        newcomers = User.objects.visible_to(viewer).exclude(pk__in=[viewer.pk, *ids]).exclude(pk__in=followed)
        ids += newcomers.order_by("-pk").values_list("pk", flat=True)[: limit - len(ids)]
    hidden = set(viewer.mutes_made.values_list("muted_id", flat=True))
    hidden |= set(viewer.follow_requests_made.values_list("followed_id", flat=True))
    return [pk for pk in ids if pk not in hidden]
