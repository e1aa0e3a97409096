"""Find people and posts by words, and people one does not know yet."""

from django.core.cache import cache
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from accounts.models import Follow, FollowRequest, Mute, User
from accounts.models.user import UserQuerySet
from config.db import folding, full_text, prepared
from config.db.full_text import FoundSql
from config.db.word_index import Index
from posts import page_slots
from posts.models import Post
from posts.models.post import PostQuerySet
from posts.page_slots import Part
from posts.services.timelines import Cursor, TimelinePage, unmuted_page

POSTS = Index("posts_post", ("text",))
PEOPLE = Index("accounts_user", ("handle", "display_name"), languages=(), by_beginnings=True)
PROFILES = Index(
    "accounts_user",
    ("handle", "display_name", "bio"),
    languages=(),
    by_beginnings=True,
    part="profile_",
)
MEET_CACHE_S = 60
MOST_MET = 12  # More than are shown: some may become unfit meanwhile.


def found_elsewhere(query: str, viewer: User | None) -> list[Part]:
    """Return what other apps found; nothing for a query without a word."""
    return page_slots.search_results(query, viewer) if full_text.words(query) else []


def keep_indexes() -> None:
    """Called once, when the app is ready. People are searched here, so their index is here too."""
    for index in (POSTS, PEOPLE, PROFILES):
        full_text.keep(index)


def people(query: str, viewer: User | None, limit: int = 20) -> list[User]:
    """Return people with every word of the query in their name or in what they say of themselves.

    Those whose name has them all come first.
    """
    return _ranked(PROFILES, query, viewer, limit)


def people_named(query: str, viewer: User | None, limit: int) -> list[User]:
    """Return people whose handle or name has words that begin with every word of the query."""
    return _ranked(PEOPLE, query, viewer, limit)


def _ranked(index: Index, query: str, viewer: User | None, limit: int) -> list[User]:
    """An exact handle comes first, then beginnings of handles, beginnings of names, names."""
    # Full width too: ＠ is what a Japanese keyboard types.
    terms = full_text.words(query.replace("@", " ").replace("\uff20", " "))
    if not terms:
        return []
    found = full_text.matching(User.objects.visible_to(viewer), index, terms)
    handle = folding.fold(terms[0])
    rank = Case(
        When(handle__iexact=handle, then=Value(0)),
        When(handle__istartswith=handle, then=Value(1)),
        When(display_name__istartswith=terms[0], then=Value(2)),
        When(pk__in=full_text.found_ids(PEOPLE, terms), then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return list(found.order_by(rank, "handle")[:limit])


def posts(query: str, viewer: User | None, after: Cursor | None = None) -> TimelinePage:
    """Return a page of posts that hold every word, newest first."""
    found = full_text.found_sql(POSTS, full_text.words(query))
    if found is None:
        return TimelinePage([], None, None)
    sql, params = found
    return unmuted_page(_holding, viewer, after, sql, *params)


def _holding(viewer: User | None, sql: FoundSql, *params: str) -> PostQuerySet:
    return Post.objects.filter(repost_of=None, pk__in=sql.ids(params))


def people_to_meet(viewer: User, limit: int = 3) -> list[User]:
    """Return whom the users that the viewer follows follow, but the viewer does not.

    Those whom most of them follow come first; new users where that gives too few. The choice stays
    the same for a minute, so that the list does not jump from page to page.
    """
    key = f"posts:meet:{viewer.pk}"
    ids: list[int] | None = cache.get(key)
    if ids is None:
        ids = [pk for pk, _count in prepared.fetch(_followed_second_hand, viewer)]
        if len(ids) < MOST_MET:
            newcomers = prepared.fetch(_newcomers, viewer, frozenset(ids))
            ids += newcomers[: MOST_MET - len(ids)]
        # Only ids: who became hidden or was followed since is left out below, at each call.
        cache.set(key, ids, MEET_CACHE_S)
    known = {one.pk: one for one in prepared.fetch(_still_unknown, viewer, frozenset(ids))}
    return [known[pk] for pk in ids if pk in known][:limit]


def _followed_second_hand(viewer: User) -> QuerySet[Follow, tuple[int, int]]:
    followed = Follow.objects.filter(follower=viewer).values("followed")
    second_hand = Follow.objects.filter(follower__in=followed)
    second_hand = second_hand.exclude(followed__in=followed).exclude(followed=viewer)
    second_hand = second_hand.exclude(followed__in=_put_aside(viewer))
    shared = second_hand.values("followed").annotate(n=Count("id")).order_by("-n", "followed")
    return shared.values_list("followed", "n")[:MOST_MET]


def _newcomers(viewer: User, but: frozenset[int]) -> QuerySet[User, int]:
    followed = Follow.objects.filter(follower=viewer).values("followed")
    newcomers: UserQuerySet = User.objects.visible_to(viewer).exclude(pk=viewer.pk)
    newcomers = newcomers.exclude(pk__among=but).exclude(pk__in=followed)
    newcomers = newcomers.exclude(pk__in=_put_aside(viewer)).order_by("-pk")
    return newcomers.values_list("pk", flat=True)[:MOST_MET]


def _put_aside(viewer: User) -> QuerySet[Mute, int]:
    """Whom the viewer muted, or asked to follow."""
    muted = Mute.objects.filter(muter=viewer).values_list("muted", flat=True)
    asked = FollowRequest.objects.filter(follower=viewer).values_list("followed", flat=True)
    return muted.union(asked)


def _still_unknown(viewer: User, ids: frozenset[int]) -> UserQuerySet:
    strangers: UserQuerySet = User.objects.visible_to(viewer)
    strangers = strangers.exclude(follows_received__follower=viewer)
    return strangers.filter(pk__among=ids)
